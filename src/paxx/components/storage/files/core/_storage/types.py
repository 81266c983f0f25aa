"""What every storage backend offers, what it takes and what it raises."""

from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Literal, Protocol

from core.errors import AppError

Method = Literal["GET", "PUT"]


class ReadableFile(Protocol):
    """An open binary file."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        ...


class AsyncReadableFile(Protocol):
    """A file that is read with await: an `UploadFile`, a file of aiofiles."""

    async def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        ...


Data = bytes | bytearray | memoryview | ReadableFile | AsyncReadableFile | AsyncIterable[bytes]
"""What can be uploaded; all but the first three are read piece by piece."""


class StorageError(Exception):
    """Something that a backend could not do; its message holds no secret."""


class AccessDeniedError(StorageError, PermissionError):
    """The credentials, or the modes of the folder, do not allow it."""


class BucketNotFoundError(StorageError):
    """There is no bucket with the name of STORAGE_S3_BUCKET."""


class _ResponseError(StorageError, AppError):
    """An error with a response of its own: the client sees the title, the log has the message."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.detail = None


class ObjectNotFoundError(_ResponseError, FileNotFoundError):
    """There is no object with this key; the client sees 404."""

    status = HTTPStatus.NOT_FOUND
    title = "File not found"


class InvalidKeyError(_ResponseError, ValueError):
    """A key that not every backend can keep; the client sees 400."""

    status = HTTPStatus.BAD_REQUEST
    title = "Invalid file name"


class StorageFullError(_ResponseError, OSError):
    """There is no room left for it; the client sees 507."""

    status = HTTPStatus.INSUFFICIENT_STORAGE
    title = "The storage is full"


class StorageUnavailableError(_ResponseError, ConnectionError):
    """The server does not answer, or not in time; the client sees 503."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The storage is unavailable"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as `list` finds it; `etag` differs when the content does."""

    key: str
    size: int
    modified: datetime
    etag: str


@dataclass(frozen=True, slots=True)
class ObjectStat(StoredObject):
    """An object as `stat` finds it."""

    content_type: str
    metadata: Mapping[str, str]


class Storage(Protocol):
    """Objects by key; every method raises InvalidKeyError for a key that is none."""

    async def upload(
        self,
        key: str,
        data: Data,
        *,
        content_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Store an object, in place of one that is there, and return its unsigned URL.

        Others see the old object or the whole new one, never a part. A failed or cancelled
        upload leaves no part behind. Without a content type the key's suffix decides.
        """
        ...

    async def download(self, key: str) -> bytes:
        """Return a whole object; ObjectNotFoundError, a FileNotFoundError, if there is none."""
        ...

    def stream(
        self, key: str, *, start: int = 0, length: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield an object, or a part of it, in pieces; what is beyond its end is left out.

        Raises ObjectNotFoundError when the first piece is asked for.
        """
        ...

    async def delete(self, key: str) -> None:
        """Delete an object; one that is not there is as good as deleted."""
        ...

    async def exists(self, key: str) -> bool:
        """Say if there is such an object; errors other than its absence are raised."""
        try:
            await self.stat(key)
        except ObjectNotFoundError:
            return False
        return True

    async def stat(self, key: str) -> ObjectStat:
        """Return what is known of an object; ObjectNotFoundError if there is none."""
        ...

    def list(self, prefix: str = "") -> AsyncGenerator[StoredObject, None]:
        """Yield the objects whose keys begin with `prefix`.

        In the order of the keys' UTF-8, as Amazon has it; some other servers have their own.
        """
        ...

    async def copy(self, source: str, target: str) -> str:
        """Copy an object with its content type and metadata; return the new one's URL."""
        ...

    async def presign(
        self, key: str, method: Method = "GET", *, expires: int | timedelta = 3600
    ) -> str:
        """Return a URL with which anybody may GET or PUT this object, for `expires` seconds.

        At most seven days. Whether the object exists is not looked up.
        """
        ...

    async def ready(self) -> None:
        """Return when the backend can be used."""
        ...

    async def open(self) -> None:
        """Prepare the first use, without asking a server; ValueError for wrong settings."""
        ...

    async def close(self) -> None:
        """Let go of what the running event loop holds; the next use opens it again."""
        ...
