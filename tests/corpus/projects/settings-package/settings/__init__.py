"""Settings of the museum."""

from pydantic_settings import SettingsConfigDict

from .database import DatabaseSettings
from .tickets import TicketSettings

from pydantic_settings import BaseSettings  # isort: skip


class Settings(DatabaseSettings, TicketSettings, BaseSettings):
    model_config = SettingsConfigDict(env_file=".env")

    opening_hour: int = 9


settings = Settings()

__all__ = ["Settings", "settings"]
