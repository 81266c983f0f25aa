from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    valves: int = 4


settings = Settings()
