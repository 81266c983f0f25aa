from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    rate: int = 1


settings = Settings()
