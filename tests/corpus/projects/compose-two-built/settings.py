from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    two: int = 2


settings = Settings()
