from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    feeds: int = 1


settings = Settings()
