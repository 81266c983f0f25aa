import pydantic_settings


class Settings(pydantic_settings.BaseSettings):
    greeting: str = "hello"


settings = Settings()
