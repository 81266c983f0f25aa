from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    included: str = "yes"


settings = Settings()
