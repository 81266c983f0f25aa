from pydantic import BaseSettings, Field


class Settings(BaseSettings):
    debug: bool = Field(False, env="DEBUG")

    class Config:
        env_file = ".env"


settings = Settings()
