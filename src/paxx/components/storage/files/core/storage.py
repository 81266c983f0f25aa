"""Files of the application: one interface for a folder and for S3 (STORAGE_BACKEND)."""

from core._storage.backend import get_storage, lifespan, ready
from core._storage.router import router
from core._storage.types import (
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
    "router",
]
