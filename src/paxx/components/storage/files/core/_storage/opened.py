"""An open file of the local backend: one content, even when its key gets another meanwhile."""

import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from core._storage.threads import in_thread
from core._storage.types import ObjectStat

PIECE = 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class OpenedObject:
    """What `LocalStorage.opened` gives; it is closed when that block ends."""

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
