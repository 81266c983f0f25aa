"""Read what is uploaded, whatever it is, in pieces of a wanted size."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

from core._storage.types import Data

Piece = bytes | bytearray | memoryview
Read = Callable[[int], Awaitable[Piece]]


def in_memory(data: Data) -> memoryview | None:
    """Return data that needs no reading."""
    return memoryview(data).cast("B") if isinstance(data, bytes | bytearray | memoryview) else None


def reader(data: Data) -> Read:
    """Return a function that reads as many bytes as it is told, and fewer only at the end.

    A file without `await` is read in a thread. TypeError for what is not binary, from the
    function as well.
    """
    view = in_memory(data)
    if view is not None:
        return _from_memory(view)
    if hasattr(data, "read"):
        return _filled(_from_file(data))
    if hasattr(data, "__aiter__"):
        return _filled(_from_chunks(aiter(data)))
    wanted = "bytes, a binary file or an async iterator"
    raise TypeError(f"cannot upload a {type(data).__name__}: give {wanted}")


def _from_memory(view: memoryview) -> Read:
    position = 0

    async def read(size: int) -> Piece:
        nonlocal position
        piece = view[position : position + size]
        position += len(piece)
        return piece

    return read


def _from_file(file: Any) -> Read:
    if inspect.iscoroutinefunction(file.read):
        return cast(Read, file.read)

    async def read(size: int) -> Piece:
        return cast(Piece, await asyncio.to_thread(file.read, size))

    return read


def _from_chunks(chunks: AsyncIterator[Piece]) -> Read:
    rest = memoryview(b"")

    async def read(size: int) -> Piece:
        nonlocal rest
        while not rest:
            try:
                rest = memoryview(_binary(await anext(chunks)))
            except StopAsyncIteration:
                return b""
        piece, rest = rest[:size], rest[size:]
        return piece

    return read


def _filled(read: Read) -> Read:
    async def read_all(size: int) -> Piece:
        piece = _binary(await read(size))
        if len(piece) == size:
            return piece
        filled = bytearray(piece)
        while piece and len(filled) < size:
            piece = _binary(await read(size - len(filled)))
            filled += piece
        return filled

    return read_all


def _binary(piece: object) -> Piece:
    if not isinstance(piece, bytes | bytearray | memoryview):
        raise TypeError(f"cannot upload a {type(piece).__name__}: open the file in binary mode")
    return piece
