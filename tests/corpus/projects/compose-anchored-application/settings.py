from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    anchored: bool = True


settings = Settings()
