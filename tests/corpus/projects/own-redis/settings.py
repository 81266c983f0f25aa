from pydantic import RedisDsn
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    redis_url: RedisDsn = RedisDsn("redis://localhost:6379/3")
    redis_key_prefix: str = "sessions:"


settings = Settings()
