from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    anchors: int = 2


settings = Settings()
