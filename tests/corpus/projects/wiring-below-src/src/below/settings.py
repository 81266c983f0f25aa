from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    below: bool = True
