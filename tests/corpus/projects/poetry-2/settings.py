from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8")

    clinic_name: Annotated[str, Field(min_length=1)] = "St. Elsewhere"
    signing_key: SecretStr = SecretStr("change-me")
    slots_per_hour: Annotated[
        int,
        Field(gt=0, le=12),
    ] = 4


def get_settings() -> Settings:
    return settings


settings = Settings()
