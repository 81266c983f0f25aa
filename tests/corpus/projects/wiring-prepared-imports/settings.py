from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    storage_backend: str = "local"


settings = Settings()
