from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """Feeds."""


settings = Settings()
