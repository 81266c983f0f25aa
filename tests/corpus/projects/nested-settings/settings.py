"""Settings of the hub."""

from __future__ import annotations

from functools import lru_cache

from pydantic import AliasChoices, BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Ingest(BaseModel):
    """Where readings come in."""

    batch: int = 500
    redis_url: str | None = None


class Settings(BaseSettings):
    """All of it; `INGEST__BATCH=10` reaches into a model."""

    model_config = SettingsConfigDict(env_nested_delimiter="__")

    ingest: Ingest = Field(default_factory=Ingest)
    name: str = Field("hub", validation_alias=AliasChoices("HUB_NAME", "SERVICE_NAME"))
    cache: str | None = Field(None, alias="REDIS_URL")


@lru_cache
def get_settings() -> Settings:
    return Settings()


settings = get_settings()
