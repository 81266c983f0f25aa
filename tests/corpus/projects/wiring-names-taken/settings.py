from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    rods: int = 12


settings = Settings()
