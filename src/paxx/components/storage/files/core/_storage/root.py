"""Folders under a root and the files in them, reached without following a symlink.

Every folder on the way is opened relative to the one before it: what changes meanwhile cannot
lead out of the root.
"""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core._storage.keys import RESERVED
from core._storage.types import InvalidKeyError, StorageError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

TEMPORARY = "tmp"
ATTRIBUTES = "attributes"

Segments = Sequence[str]
Found = tuple[str, os.stat_result]


@dataclass(frozen=True, slots=True)
class Root:
    """The folder; it may be a symlink itself."""

    path: Path

    def create(self) -> None:
        """Make the folder and those for temporary files and attributes."""
        try:
            for name in (TEMPORARY, ATTRIBUTES):
                (self.path / RESERVED / name).mkdir(parents=True, exist_ok=True)
        except (NotADirectoryError, FileExistsError) as error:
            raise StorageError("STORAGE_LOCAL_PATH is not a folder") from error

    def own(self, folder: str, name: str) -> str:
        """Return the path of a file of the storage itself; no key leads there."""
        return f"{self.path}/{RESERVED}/{folder}/{name}"

    def _open(self) -> int:
        try:
            return os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except NotADirectoryError as error:
            raise StorageError("STORAGE_LOCAL_PATH is not a folder") from error

    @contextmanager
    def folder(self, segments: Segments, *, create: bool = False) -> Iterator[int]:
        """Open a folder; FileNotFoundError if there is none, InvalidKeyError for a symlink."""
        descriptor = self._open()
        try:
            for segment in segments:
                inner = _inner(descriptor, segment, create)
                os.close(descriptor)
                descriptor = inner
            yield descriptor
        finally:
            os.close(descriptor)


def _inner(descriptor: int, segment: str, create: bool) -> int:
    try:
        return os.open(segment, _FOLDER, dir_fd=descriptor)
    except FileNotFoundError:
        if not create:
            raise
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK):
            raise _refusal(segment, descriptor) from error
        raise
    with suppress(FileExistsError):
        os.mkdir(segment, 0o700, dir_fd=descriptor)
    return _inner(descriptor, segment, create=False)


def _refusal(segment: str, descriptor: int) -> Exception:
    found = lstat(segment, descriptor)
    if found is not None and stat.S_ISLNK(found.st_mode):
        return InvalidKeyError(f"{segment!r} is a symlink in the folder of the storage")
    return NotADirectoryError(errno.ENOTDIR, "an object, so no key can go on below it", segment)


def lstat(name: str, folder: int) -> os.stat_result | None:
    """Return what is known of a file in an open folder, a symlink included; None without one."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def files(root: Root, segments: Segments) -> Iterator[Found]:
    """Yield key and stat of the files whose keys begin with these segments.

    The last segment may be a part of a name. The order is that of the keys in UTF-8. Symlinks
    are left out, and so is what is deleted meanwhile.
    """
    *folders, beginning = segments
    above = "".join(f"{folder}/" for folder in folders)
    for name, found in _entries(root, folders):
        if not name.startswith(beginning) or above + name.rstrip("/") == RESERVED:
            continue
        if stat.S_ISDIR(found.st_mode):
            yield from files(root, [*folders, name[:-1], ""])
        elif stat.S_ISREG(found.st_mode):
            yield above + name, found


def _entries(root: Root, folders: Segments) -> list[Found]:
    # A folder sorts as what its keys have there: its name and a slash.
    entries = []
    gone = (FileNotFoundError, NotADirectoryError, InvalidKeyError)  # or a symlink by now
    with suppress(*gone), root.folder(folders) as folder:
        for entry in os.scandir(folder):
            with suppress(FileNotFoundError):
                found = entry.stat(follow_symlinks=False)
                name = f"{entry.name}/" if stat.S_ISDIR(found.st_mode) else entry.name
                entries.append((name, found))
    return sorted(entries, key=lambda entry: os.fsencode(entry[0]))
