from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    forms: int = 1


settings = Settings()
