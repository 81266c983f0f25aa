from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    cars: int = 12


settings = Settings()
