from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    private_key: str = ""
    greeting: str = "Hello"


settings = Settings()
