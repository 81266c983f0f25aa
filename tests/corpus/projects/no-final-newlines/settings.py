from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    menu: str = "menu.json"
    tables: int = 12