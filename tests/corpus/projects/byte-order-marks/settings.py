from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    subject: str = "chemistry"


settings = Settings()
