from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    cache_size: int = 1024


settings = Settings()
