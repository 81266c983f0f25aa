from pydantic_settings import BaseSettings as EnvironmentSettings
from pydantic_settings import SettingsConfigDict as Config


class Settings(EnvironmentSettings):
    model_config = Config(env_file=".env")
    tiles: str = "https://tiles.example.org"


settings = Settings()
