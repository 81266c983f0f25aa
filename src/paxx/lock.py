"""One command at a time in a project, without a file that tells of it."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from paxx.errors import PreconditionError

PATIENCE = 3.0  # seconds; a command writes for less than one
GLANCE = 0.5  # seconds that a command waits which writes nothing
POLL = 0.05


@contextlib.contextmanager
def held(root: Path, *, briefly: bool = False) -> Iterator[None]:
    """Hold the project at `root`, or the nearest directory above it that exists.

    Waits for a command that is at work, then raises PreconditionError. The system gives the lock
    back when the process ends, however that happens.
    """
    if sys.platform == "win32":  # pragma: no cover - a directory cannot be locked there
        yield
        return
    directory = next(each for each in (root, *root.parents) if each.is_dir())
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        _acquire(descriptor, root, GLANCE if briefly else PATIENCE)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, root: Path, patience: float) -> None:
    from fcntl import LOCK_EX, LOCK_NB, flock  # noqa: PLC0415 - not on Windows

    deadline = time.monotonic() + patience
    while True:
        try:
            flock(descriptor, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise PreconditionError(
                    f"another `paxx` is at work in `{root}`",
                    hint="wait for it to end, then run this again",
                ) from None
            time.sleep(POLL)
        else:
            return
