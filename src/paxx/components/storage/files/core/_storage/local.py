"""Objects as files in a folder (STORAGE_LOCAL_PATH), on POSIX systems.

What runs in a thread does as much as it can there: going to and fro costs more than the disk.
"""

import asyncio
import logging
import os
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from core._storage import signed_urls
from core._storage.attributes import Attributes, attributes_of, version_of
from core._storage.data import in_memory, reader
from core._storage.files import (
    NewFile,
    delete_file,
    delete_stale,
    open_described,
    open_file,
)
from core._storage.keys import (
    check_content_type,
    check_key,
    check_metadata,
    check_prefix,
    check_range,
    expiry_seconds,
    guessed_content_type,
)
from core._storage.root import Root, Segments, files
from core._storage.threads import errors_named, in_thread
from core._storage.types import (
    Data,
    Method,
    ObjectStat,
    Storage,
    StorageError,
    StoredObject,
)

logger = logging.getLogger(__name__)

PIECE = 1024 * 1024  # bytes
AT_ONCE = 4 * 1024 * 1024  # bytes; of more, a cancel is heard between the pieces
LISTED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class OpenedObject:
    """An open file: one content, even when its key gets another; closed by `opened`."""

    stat: ObjectStat
    descriptor: int

    async def pieces(self, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """Yield the bytes from `start` up to `end`."""
        while start < end:
            piece = await self._read(min(PIECE, end - start), start)
            if not piece:
                return
            start += len(piece)
            yield piece

    async def _read(self, size: int, start: int) -> bytes:
        return await in_thread(self.stat.key, lambda: os.pread(self.descriptor, size, start))


class LocalStorage(Storage):
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
        content_type = check_content_type(key, content_type)
        attributes = attributes_of(key, content_type, check_metadata(metadata))
        view = in_memory(data)
        if view is not None and len(view) <= AT_ONCE:
            await in_thread(key, lambda: self._write(segments, view, attributes))
        else:
            await self._write_pieces(key, data, attributes)
        return signed_urls.url_of(key)

    async def download(self, key: str) -> bytes:
        """Return a whole object."""
        segments = check_key(key)
        with errors_named(key):
            return await asyncio.to_thread(self._read, segments)

    async def stream(
        self, key: str, *, start: int = 0, length: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield an object as it was when the first piece was asked for."""
        check_range(start, length)
        async with self.opened(key) as found:
            size = found.stat.size
            end = size if length is None else min(size, start + length)
            async with aclosing(found.pieces(start, end)) as pieces:
                async for piece in pieces:
                    yield piece

    @asynccontextmanager
    async def opened(self, key: str) -> AsyncIterator[OpenedObject]:
        """Open an object to read it and what is known of it, both of one version."""
        segments = check_key(key)
        descriptor, found, attributes = await in_thread(
            key, lambda: open_described(self.root, segments), lambda opened: os.close(opened[0])
        )
        try:
            yield OpenedObject(_stat(key, found, attributes), descriptor)
        finally:
            os.close(descriptor)

    async def delete(self, key: str) -> None:
        """Delete an object, and the folders that are empty then."""
        segments = check_key(key)
        await in_thread(key, lambda: delete_file(self.root, segments))

    async def stat(self, key: str) -> ObjectStat:
        """Return what is known of an object."""
        async with self.opened(key) as found:
            return found.stat

    async def list(self, prefix: str = "") -> AsyncGenerator[StoredObject, None]:
        """Yield the objects whose keys begin with `prefix`."""
        found = files(self.root, check_prefix(prefix))
        while some := await in_thread(prefix, lambda: tuple(islice(found, LISTED_AT_ONCE))):
            for key, status in some:
                yield StoredObject(key, status.st_size, _modified(status), version_of(status))

    async def copy(self, source: str, target: str) -> str:
        """Copy an object."""
        segments, to = check_key(source), check_key(target)
        await in_thread(source, lambda: self._copy(segments, to))
        return signed_urls.url_of(target)

    async def presign(
        self, key: str, method: Method = "GET", *, expires: int | timedelta = 3600
    ) -> str:
        """Return a signed URL from the root of the application."""
        check_key(key)
        return signed_urls.signed(key, method, expiry_seconds(expires))

    async def ready(self) -> None:
        """Return when files can be written."""
        await in_thread("", self._try)

    async def open(self) -> None:
        """Delete what killed processes left behind."""
        try:
            await in_thread("", lambda: delete_stale(self.root))
        except StorageError as error:  # no reason not to start: `/ready` tells
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

    async def _write_pieces(self, key: str, data: Data, attributes: Attributes) -> None:
        read, size = reader(data), PIECE if in_memory(data) is None else AT_ONCE
        file = NewFile(self.root)
        try:
            while piece := await read(size):
                await in_thread(key, partial(file.write, piece))
            await in_thread(key, lambda: file.commit(key.split("/"), attributes))
        finally:
            file.discard()

    def _read(self, segments: Segments) -> bytes:
        descriptor, _ = open_file(self.root, segments)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            return file.readall()

    def _copy(self, segments: Segments, target: Segments) -> None:
        descriptor, found, attributes = open_described(self.root, segments)
        with os.fdopen(descriptor, "rb") as original:
            known = _stat("/".join(segments), found, attributes)
            to = attributes_of("/".join(target), known.content_type, known.metadata)
            copy = NewFile(self.root)
            try:
                shutil.copyfileobj(original, copy, PIECE)
                copy.commit(target, to)
            finally:
                copy.discard()


def _stat(key: str, found: os.stat_result, attributes: Attributes) -> ObjectStat:
    return ObjectStat(
        key,
        found.st_size,
        _modified(found),
        version_of(found),
        attributes.get("content_type") or guessed_content_type(key),
        attributes.get("metadata") or {},
    )


def _modified(found: os.stat_result) -> datetime:
    return datetime.fromtimestamp(found.st_mtime, UTC)
