"""Settings of the exchange; see `docs/settings.md`."""

from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field, SecretStr, computed_field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"


class Settings(BaseSettings):
    """From the environment.

    redis_url: not here any more
    """

    model_config = SettingsConfigDict(extra="forbid")

    KINDS: ClassVar[tuple[str, ...]] = ("limit", "market")

    pairs: list[str] = Field(
        default=["EURUSD", "EURCHF"],
        description="What is traded: redis_url: str",
    )

    @field_validator("pairs", mode="before")
    @classmethod
    def split(cls, value: object) -> object:
        return value.split(",") if isinstance(value, str) else value

    default_side: Literal["buy", "sell"] = Side.BUY.value
    api_key: SecretStr = SecretStr(
        "change-me",
    )  # of the clearing house

    @computed_field
    @property
    def pair_count(self) -> int:
        """How many."""
        return len(self.pairs)

    def __hash__(self) -> int: return id(self)


settings = Settings()

if __name__ == "__main__":
    print(settings.model_dump_json(indent=2))
