"""Work on files in a thread: always waited for, its errors named as every backend names them."""

import asyncio
import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from core._storage.types import (
    AccessDeniedError,
    InvalidKeyError,
    ObjectNotFoundError,
    StorageError,
    StorageFullError,
)

T = TypeVar("T")

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


async def in_thread(key: str, work: Callable[[], T], undo: Callable[[T], None] | None = None) -> T:
    """Return what `work` returns in a thread; a cancel waits for its end, then undoes it.

    Whoever tidies up after a cancel, or writes the same file next, must not meet the thread.
    """
    # Not a task: those are cancelled when a loop ends, while the thread goes on.
    job = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        with errors_named(key):
            return await asyncio.shield(job)
    except asyncio.CancelledError:
        await _end_of(job)
        if undo is not None and job.exception() is None:
            undo(job.result())
        raise


async def _end_of(job: asyncio.Future[T]) -> None:
    while not job.done():
        with suppress(asyncio.CancelledError):  # one is on its way already
            await asyncio.wait([job])


@contextmanager
def errors_named(key: str) -> Iterator[None]:
    """Turn errors of the operating system into those of `core._storage.types`."""
    try:
        yield
    except StorageError:
        raise
    except FileNotFoundError as error:
        raise ObjectNotFoundError(f"there is no object {key!r}") from error
    except (NotADirectoryError, IsADirectoryError) as error:
        raise InvalidKeyError(
            f"the key {key!r} is a folder, or goes on below an object, which no folder can keep"
        ) from error
    except OSError as error:
        raise _meaning(error) from error


def _meaning(error: OSError) -> StorageError:
    message = f"the folder of STORAGE_LOCAL_PATH: {error.strerror}"
    if error.errno in FULL:
        return StorageFullError(message)
    if isinstance(error, PermissionError):
        return AccessDeniedError(message)
    return StorageError(message)
