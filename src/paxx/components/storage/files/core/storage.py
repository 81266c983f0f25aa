"""Files of the application: one interface for a folder and for S3 (STORAGE_BACKEND)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from fastapi import FastAPI

from core.storage_local import LocalStorage
from core.storage_types import (
    AccessDeniedError,
    BucketNotFoundError,
    Data,
    InvalidKeyError,
    ObjectNotFoundError,
    ObjectStat,
    Storage,
    StorageError,
    StorageFullError,
    StorageUnavailableError,
    StoredObject,
)
from settings import settings

__all__ = [
    "AccessDeniedError",
    "BucketNotFoundError",
    "Data",
    "InvalidKeyError",
    "ObjectNotFoundError",
    "ObjectStat",
    "Storage",
    "StorageError",
    "StorageFullError",
    "StorageUnavailableError",
    "StoredObject",
    "get_storage",
    "lifespan",
    "ready",
]


@cache
def get_storage() -> Storage:
    """Return the backend that the settings name; it opens what it needs when it is used."""
    if settings.storage_backend == "local":
        return LocalStorage(settings.storage_local_path)
    # Only who uses it pays for the import.
    from core.storage_s3 import S3Storage

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
