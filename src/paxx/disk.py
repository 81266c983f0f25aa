"""File operations that are whole and durable when they return, as a journal needs them."""

import contextlib
import os
import shutil
from pathlib import Path


def write(path: Path, content: bytes, mode: int | None = None) -> None:
    """Create a file, which must not exist; `mode` None leaves its permissions to the umask."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, 0o666)
    try:
        with memoryview(content) as rest:
            written = 0
            while written < len(rest):
                written += os.write(descriptor, rest[written:])
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if mode is not None:
        path.chmod(mode)


def keep(path: Path, copy: Path) -> None:
    """Make `copy` the same file as `path`, or one with its content where links are not to be had.

    A link survives what replaces `path`, takes no space and is the original with all it has:
    owner, permissions, attributes.
    """
    try:
        os.link(path.resolve(), copy)
    except OSError:
        write(copy, path.read_bytes(), path.stat().st_mode & 0o7777)


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable, where the system has a call for that."""
    with contextlib.suppress(PermissionError):  # Windows opens no directory
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_directory(path: Path) -> bool:
    """Remove a directory if it is empty, and say whether it is gone."""
    for _ in range(2):  # as below
        with contextlib.suppress(OSError):
            path.rmdir()
    return not path.exists()


def remove_tree(path: Path) -> None:
    """Remove a directory of ours with all that is in it; what cannot go stays."""
    for _ in range(2):  # a name that was held for a moment may go the second time
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
