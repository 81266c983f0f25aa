from pydantic_settings import BaseSettings


class Settings(BaseSettings): timezone: str = "Europe/Zurich"


settings = Settings()
