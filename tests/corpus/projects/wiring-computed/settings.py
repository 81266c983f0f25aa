from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    audited: bool = True


settings = Settings()
