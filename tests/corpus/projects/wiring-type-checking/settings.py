from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic_settings import BaseSettings

if TYPE_CHECKING:
    from pydantic import SecretStr


class Settings(BaseSettings):
    quotes: int = 10


settings = Settings()
