from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    pumps: int = 3


settings = Settings()
