from pydantic_settings import BaseSettings


class Config(BaseSettings):
    region: str = "eu"


config = Config()
