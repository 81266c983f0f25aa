import os
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Settings:
    station: str = field(default_factory=lambda: os.environ.get("STATION", "ZRH"))
    interval: int = field(default_factory=lambda: int(os.environ.get("INTERVAL", "60")))


settings = Settings()
