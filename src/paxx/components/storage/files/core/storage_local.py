"""Objects as files in a folder (STORAGE_LOCAL_PATH), on POSIX systems.

What runs in a thread does as much as it can there: going to and fro costs more than the disk.
"""

import asyncio
import logging
import os
import shutil
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar

from core import storage_links
from core.storage_data import in_memory, reader
from core.storage_files import (
    Attributes,
    NewFile,
    delete_file,
    delete_stale,
    open_described,
    open_file,
)
from core.storage_keys import (
    check_content_type,
    check_key,
    check_metadata,
    check_prefix,
    check_range,
    expiry_seconds,
    guessed_content_type,
)
from core.storage_listing import files
from core.storage_root import Root, Segments
from core.storage_types import Data, Method, ObjectNotFoundError, ObjectStat, StoredObject

logger = logging.getLogger(__name__)

T = TypeVar("T")

AT_ONCE = 4 * 1024 * 1024  # bytes; of more, a cancel is heard between the pieces
PIECE = 1024 * 1024
LISTED_AT_ONCE = 500


class LocalStorage:
    """A folder as a backend; see `Storage` for what its methods promise."""

    def __init__(self, path: str) -> None:
        self.root = Root(Path(path).absolute())

    async def upload(
        self,
        key: str,
        data: Data,
        *,
        content_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Store an object in one step."""
        segments = check_key(key)
        attributes = _attributes(
            key, check_content_type(key, content_type), check_metadata(metadata)
        )
        view = in_memory(data)
        if view is not None and len(view) <= AT_ONCE:
            await asyncio.to_thread(self._write, segments, view, attributes)
        else:
            await self._write_pieces(segments, data, attributes)
        return storage_links.url_of(key)

    async def download(self, key: str) -> bytes:
        """Return a whole object."""
        segments = check_key(key)
        return await asyncio.to_thread(self._read, key, segments)

    async def stream(
        self, key: str, *, start: int = 0, length: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield an object as it was when the first piece was asked for."""
        check_range(start, length)
        segments = check_key(key)
        descriptor, found = await _finished(lambda: self._open(key, segments), _close)
        try:
            end = found.st_size if length is None else min(found.st_size, start + length)
            while start < end:
                piece = await _finished(_part(descriptor, min(PIECE, end - start), start))
                if not piece:
                    return
                start += len(piece)
                yield piece
        finally:
            os.close(descriptor)

    async def delete(self, key: str) -> None:
        """Delete an object, and the folders that are empty then."""
        await asyncio.to_thread(delete_file, self.root, check_key(key))

    async def exists(self, key: str) -> bool:
        """Say if there is such an object."""
        try:
            await self.stat(key)
        except ObjectNotFoundError:
            return False
        return True

    async def stat(self, key: str) -> ObjectStat:
        """Return what is known of an object."""
        return await asyncio.to_thread(self._stat, key, check_key(key))

    async def list(self, prefix: str = "") -> AsyncGenerator[StoredObject, None]:
        """Yield the objects whose keys begin with `prefix`."""
        found = files(self.root, check_prefix(prefix))
        while some := await _finished(lambda: tuple(islice(found, LISTED_AT_ONCE))):
            for key, status in some:
                yield StoredObject(key, status.st_size, _modified(status), _etag(status))

    async def copy(self, source: str, target: str) -> str:
        """Copy an object."""
        await asyncio.to_thread(self._copy, source, check_key(source), check_key(target))
        return storage_links.url_of(target)

    async def presign(
        self, key: str, method: Method = "GET", *, expires: int | timedelta = 3600
    ) -> str:
        """Return a signed URL from the root of the application."""
        check_key(key)
        return storage_links.signed(key, method, expiry_seconds(expires))

    async def ready(self) -> None:
        """Return when files can be written; OSError if not."""
        await asyncio.to_thread(self._try)

    async def open(self) -> None:
        """Delete what killed processes left behind."""
        try:
            await asyncio.to_thread(delete_stale, self.root)
        except OSError as error:  # no reason not to start: `/ready` tells
            logger.warning("cannot use the folder of the storage (%s)", error)

    async def close(self) -> None:
        """Nothing is held."""

    def _try(self) -> None:
        file = NewFile(self.root)
        file.write(b"")
        file.discard()

    def _write(self, segments: Segments, view: memoryview, attributes: Attributes) -> None:
        file = NewFile(self.root)
        try:
            file.write(view)
            file.commit(segments, attributes)
        finally:
            file.discard()

    async def _write_pieces(self, segments: Segments, data: Data, attributes: Attributes) -> None:
        read, size = reader(data), PIECE if in_memory(data) is None else AT_ONCE
        file = NewFile(self.root)
        try:
            while piece := await read(size):
                await _finished(_writing(file, piece))
            await _finished(lambda: file.commit(segments, attributes))
        finally:
            file.discard()

    def _open(self, key: str, segments: Segments) -> tuple[int, os.stat_result]:
        with _missing(key):
            return open_file(self.root, segments)

    def _read(self, key: str, segments: Segments) -> bytes:
        descriptor, _ = self._open(key, segments)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            return file.readall()

    def _stat(self, key: str, segments: Segments) -> ObjectStat:
        with _missing(key):
            descriptor, found, attributes = open_described(self.root, segments)
        os.close(descriptor)
        return ObjectStat(
            key,
            found.st_size,
            _modified(found),
            _etag(found),
            attributes.get("content_type") or guessed_content_type(key),
            attributes.get("metadata") or {},
        )

    def _copy(self, key: str, segments: Segments, target: Segments) -> None:
        with _missing(key):
            descriptor, _, known = open_described(self.root, segments)
        with os.fdopen(descriptor, "rb") as original:
            content_type = known.get("content_type") or guessed_content_type(key)
            attributes = _attributes("/".join(target), content_type, known.get("metadata") or {})
            copy = NewFile(self.root)
            try:
                shutil.copyfileobj(original, copy, PIECE)
                copy.commit(target, attributes)
            finally:
                copy.discard()


async def _finished(work: Callable[[], T], undo: Callable[[T], None] | None = None) -> T:
    # A cancel waits for the thread, so that nobody tidies up under it.
    job = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(job)
    except asyncio.CancelledError:
        await asyncio.wait([job])
        if undo is not None and job.exception() is None:
            undo(job.result())
        raise


def _close(opened: tuple[int, os.stat_result]) -> None:
    os.close(opened[0])


@contextmanager
def _missing(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectNotFoundError(f"there is no object {key!r}") from error


def _part(descriptor: int, size: int, start: int) -> Callable[[], bytes]:
    return lambda: os.pread(descriptor, size, start)


def _writing(file: NewFile, piece: bytes | bytearray | memoryview) -> Callable[[], None]:
    return lambda: file.write(piece)


def _attributes(key: str, content_type: str, metadata: Mapping[str, str]) -> Attributes:
    attributes = {}
    if content_type != guessed_content_type(key):
        attributes["content_type"] = content_type
    return attributes | ({"metadata": metadata} if metadata else {})


def _modified(found: os.stat_result) -> datetime:
    return datetime.fromtimestamp(found.st_mtime, UTC)


def _etag(found: os.stat_result) -> str:
    return f"{found.st_mtime_ns:x}-{found.st_ino:x}-{found.st_size:x}"
