"""Ways to use the storage: other settings, another process, HTTP."""

import os
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from pydantic import SecretStr

from core.storage import Storage, get_storage
from main import create_app
from settings import settings

MIB = 1024 * 1024


def use(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> None:
    """Set the settings as these variables would."""
    for name, value in environment.items():
        field = name.lower()
        secret = isinstance(getattr(settings, field), SecretStr)
        monkeypatch.setattr(settings, field, SecretStr(value) if secret else value)
    get_storage.cache_clear()


async def request(method: str, url: str, **options: object) -> Response:
    """Ask a signed URL: the application for one that begins with a slash, else its server."""
    transport = ASGITransport(app=create_app()) if url.startswith("/") else None
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.request(method, url, **options)


async def keys(storage: Storage, prefix: str = "") -> list[str]:
    """Return the keys that `list` yields."""
    return [each.key async for each in storage.list(prefix)]


async def chunks(size: int, piece: int = MIB) -> AsyncIterator[bytes]:
    """Yield zero bytes."""
    for start in range(0, size, piece):
        yield bytes(min(piece, size - start))


def environment_of(storage_settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of another process that uses the same backend."""
    return os.environ | dict(storage_settings) | {"PYTHONPATH": "."}


def current_environment() -> dict[str, str]:
    """Return the storage settings of this process as variables."""
    names = [name for name in type(settings).model_fields if name.startswith("storage_")]
    values = {name: getattr(settings, name) for name in names}
    return {
        name.upper(): value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in values.items()
    }


def spawn(script: str, *arguments: str, **pipes: int) -> "subprocess.Popen[bytes]":
    """Run a script in the project, with the backend of this process."""
    command = [sys.executable, "-c", textwrap.dedent(script), *arguments]
    return subprocess.Popen(command, env=environment_of(current_environment()), **pipes)


def temporary_files() -> list[Path]:
    """Return what the local backend has not committed."""
    return list((Path(settings.storage_local_path) / ".storage" / "tmp").glob("*"))
