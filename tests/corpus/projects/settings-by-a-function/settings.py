from functools import lru_cache

from pydantic_settings import BaseSettings


class MailSettings(BaseSettings):
    smtp_host: str = "localhost"


class Settings(BaseSettings):
    mail: MailSettings = MailSettings()
    port: int = 8000


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    return Settings()


settings = get_settings()
