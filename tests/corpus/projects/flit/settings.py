from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    store_path: str = "ledger.db"
    currency: str = "EUR"


settings = Settings()
