"""Einstellungen der Küche 🍳."""

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """Größen, 大きさ, 🍳."""

    # Gäste
    gäste: int = 4  # höchstens
    gruß: str = "Grüezi 🍳"


settings = Settings()
