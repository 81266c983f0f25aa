from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    pinned: bool = True


settings = Settings()
