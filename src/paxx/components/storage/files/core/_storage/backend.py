"""Which backend the settings name, and its life in the application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from fastapi import FastAPI

from core._storage.local import LocalStorage
from core._storage.types import Storage
from settings import settings


@cache
def get_storage() -> Storage:
    """Return the backend that the settings name; it opens what it needs when it is used."""
    if settings.storage_backend == "local":
        return LocalStorage(settings.storage_local_path)
    # Only who uses it pays for the import.
    from core._storage.s3 import S3Storage

    return S3Storage()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Refuse wrong settings at the start, close connections at the end."""
    storage = get_storage()
    await storage.open()
    try:
        yield
    finally:
        await storage.close()


async def ready() -> None:
    """Return when the backend can be used."""
    await get_storage().ready()
