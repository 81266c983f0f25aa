from pydantic_settings import BaseSettings


class TideSettings(BaseSettings):
    tide_api: str = "https://tides.example.org"
