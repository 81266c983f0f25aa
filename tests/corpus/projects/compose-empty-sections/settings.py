from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    empty: bool = True


settings = Settings()
