from typing import Final

from pydantic_settings import BaseSettings


class _Base(BaseSettings, env_file=".env"):
    """Read in the same way."""


class WorkerConfig(_Base):
    threads: int = 4


class WebConfig(_Base):
    """What the web process reads."""

    title: str = "Newsroom"


settings: Final = WebConfig()
worker_settings: Final = WorkerConfig()
