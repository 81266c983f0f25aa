from pydantic_settings import BaseSettings


class BerthSettings(BaseSettings):
    berths: int = 40
