"""Files under a root folder, reached without following a symlink, replaced in one step.

Every folder on the way is opened relative to the one before it: what changes meanwhile cannot
lead out of the root.
"""

import errno
import os
import secrets
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core import storage_attributes
from core.storage_attributes import Attributes, version_of
from core.storage_keys import RESERVED
from core.storage_types import InvalidKeyError, StorageError

FSYNC = False  # True: what is acknowledged survives a power cut as well; writes take longer
STALE_AFTER = 24 * 3600.0  # seconds after which nobody is still writing a temporary file

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe does not block
_ATTEMPTS = 20  # a folder may be removed, being empty, while a file is on its way into it

Segments = Sequence[str]


@dataclass(frozen=True, slots=True)
class Root:
    """The folder; it may be a symlink itself."""

    path: Path

    def create(self) -> None:
        """Make the folder and those for temporary files and attributes."""
        for name in ("tmp", "attributes"):
            (self.path / RESERVED / name).mkdir(parents=True, exist_ok=True)

    @contextmanager
    def folder(self, segments: Segments, *, create: bool = False) -> Iterator[int]:
        """Open a folder; FileNotFoundError if there is none, InvalidKeyError for a symlink."""
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
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
    found = _lstat(segment, descriptor)
    if found is not None and stat.S_ISLNK(found.st_mode):
        return InvalidKeyError(f"{segment!r} is a symlink in the folder of the storage")
    return NotADirectoryError(errno.ENOTDIR, "an object, so no key can go on below it", segment)


class NewFile:
    """A file nobody sees until it is committed; `discard` is for one that never will be."""

    def __init__(self, root: Root) -> None:
        self.root = root
        self.name = secrets.token_hex(16)
        self.descriptor = -1

    def _open(self) -> int:
        for _ in range(2):
            with suppress(FileNotFoundError), self.root.folder((RESERVED, "tmp")) as folder:
                return os.open(self.name, _NEW_FILE, 0o600, dir_fd=folder)
            self.root.create()
        raise StorageError("the folder of the storage goes away as often as it is made")

    def write(self, piece: bytes | bytearray | memoryview) -> None:
        """Append all of it; the first call makes the file."""
        if self.descriptor < 0:
            self.descriptor = self._open()
        view = memoryview(piece)
        while view:
            view = view[os.write(self.descriptor, view) :]

    def commit(self, segments: Segments, attributes: Attributes) -> None:
        """Take the place of the file with this name; readers see either, never a mixture."""
        self.write(b"")  # an empty file is one, too
        # The kernel's own time goes by ticks, and two versions might share one.
        os.utime(self.descriptor, ns=(time.time_ns(),) * 2)
        if FSYNC:
            os.fsync(self.descriptor)
        found = os.fstat(self.descriptor)
        if attributes:
            with self.root.folder(storage_attributes.FOLDER) as folder:
                storage_attributes.write(folder, segments, found, attributes)
        try:
            self._move_into_place(segments, found)
        except BaseException:
            _delete_attributes(self.root, segments, found)
            raise
        os.close(self.descriptor)
        self.descriptor = -1

    def discard(self) -> None:
        """Delete it, unless it was committed."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
            with suppress(FileNotFoundError), self.root.folder((RESERVED, "tmp")) as folder:
                os.unlink(self.name, dir_fd=folder)

    def _move_into_place(self, segments: Segments, found: os.stat_result) -> None:
        for _ in range(_ATTEMPTS):
            with suppress(FileNotFoundError):
                self._move(segments, version_of(found))
                return
        raise StorageError("a folder of the storage goes away as often as it is made")

    def _move(self, segments: Segments, version: str) -> None:
        *folders, name = segments
        with (
            self.root.folder((RESERVED, "tmp")) as source,
            self.root.folder(folders, create=True) as target,
        ):
            old = _lstat(name, target)
            if old is not None and stat.S_ISLNK(old.st_mode):
                raise InvalidKeyError(f"{name!r} is a symlink in the folder of the storage")
            os.replace(self.name, name, src_dir_fd=source, dst_dir_fd=target)
            if FSYNC:
                os.fsync(target)
            if old is not None and version_of(old) != version:
                _delete_attributes(self.root, segments, old)


def _lstat(name: str, folder: int) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def open_file(root: Root, segments: Segments) -> tuple[int, os.stat_result]:
    """Open a regular file for reading; FileNotFoundError if it is none."""
    *folders, name = segments
    try:
        with root.folder(folders) as folder:
            descriptor = os.open(name, _FILE, dir_fd=folder)
    except NotADirectoryError as error:
        raise FileNotFoundError(errno.ENOENT, "no such object", name) from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            message = f"{name!r} is a symlink in the folder of the storage"
            raise InvalidKeyError(message) from error
        raise
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise FileNotFoundError(errno.ENOENT, "not a file", name)
    return descriptor, found


def delete_file(root: Root, segments: Segments) -> None:
    """Delete a file, and the folders that are empty then; without effect if it is not there."""
    *folders, name = segments
    with suppress(FileNotFoundError, NotADirectoryError), root.folder(folders) as folder:
        found = _lstat(name, folder)
        if found is None or not stat.S_ISREG(found.st_mode):
            return
        os.unlink(name, dir_fd=folder)
        _delete_attributes(root, segments, found)
    while folders:
        *folders, last = folders
        try:
            with root.folder(folders) as folder:
                os.rmdir(last, dir_fd=folder)
        except OSError:  # not empty, or gone already
            return


def open_described(root: Root, segments: Segments) -> tuple[int, os.stat_result, Attributes]:
    """Open a file as `open_file` does, with the attributes that were stored with it."""
    for left in reversed(range(_ATTEMPTS)):
        descriptor, found = open_file(root, segments)
        attributes = _read_attributes(root, segments, found)
        if attributes or not left or _is_still(root, segments, found):
            return descriptor, found, attributes
        os.close(descriptor)  # it was replaced, and its attributes are gone
    raise AssertionError


def _is_still(root: Root, segments: Segments, found: os.stat_result) -> bool:
    *folders, name = segments
    with suppress(OSError), root.folder(folders) as folder:
        now = _lstat(name, folder)
        return now is not None and version_of(now) == version_of(found)
    return False


def _read_attributes(root: Root, segments: Segments, found: os.stat_result) -> Attributes:
    with suppress(FileNotFoundError), root.folder(storage_attributes.FOLDER) as folder:
        return storage_attributes.read(folder, segments, found)
    return {}


def _delete_attributes(root: Root, segments: Segments, found: os.stat_result) -> None:
    with suppress(FileNotFoundError), root.folder(storage_attributes.FOLDER) as folder:
        storage_attributes.delete(folder, segments, found)


def delete_stale(root: Root) -> None:
    """Delete temporary files of processes that were killed."""
    with suppress(FileNotFoundError), root.folder((RESERVED, "tmp")) as folder:
        for entry in os.scandir(folder):
            with suppress(FileNotFoundError):
                if time.time() - entry.stat(follow_symlinks=False).st_mtime > STALE_AFTER:
                    os.unlink(entry.name, dir_fd=folder)
