from money.settings import MoneySettings
from pydantic_settings import BaseSettings


class Settings(MoneySettings, BaseSettings):
    outbox_batch: int = 100


settings = Settings()
