from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    shared: bool = True


settings = Settings()
