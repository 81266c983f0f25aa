"""Everything that differs between places."""

from pydantic import PostgresDsn
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    environment: str = "development"
    database_url: PostgresDsn = PostgresDsn("postgresql+asyncpg://localhost/bookings")
    nights_at_most: int = 30


settings = Settings()
