"""Files under the root: written aside and put in place in one step, with their attributes."""

import errno
import fcntl
import os
import secrets
import stat
import time
from contextlib import suppress
from pathlib import Path

from core._storage.attributes import (
    DESCRIBED,
    PLAIN,
    Attributes,
    delete_attributes,
    may_have,
    read_attributes,
    version_of,
    write_attributes,
)
from core._storage.root import TEMPORARY, Root, Segments, lstat
from core._storage.types import InvalidKeyError, StorageError

FSYNC = False  # True: what is acknowledged survives a power cut as well; writes take longer
STALE_AFTER = 24 * 3600.0  # seconds after which nobody is still writing a temporary file

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe does not block
_ATTEMPTS = 20  # a folder may be removed, being empty, while a file is on its way into it
_LOCK_POLL = 0.001  # seconds
_LOCK_ATTEMPTS = 1000


class NewFile:
    """A file nobody sees until it is committed; `discard` is for one that never will be."""

    def __init__(self, root: Root) -> None:
        self.root = root
        self.path = root.own(TEMPORARY, secrets.token_hex(16))
        self.descriptor = -1

    def _open(self) -> int:
        try:
            return os.open(self.path, _NEW_FILE, PLAIN)
        except FileNotFoundError:
            self.root.create()
        return os.open(self.path, _NEW_FILE, PLAIN)

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
        if attributes:
            self._commit_described(segments, attributes)
        else:
            self._move_into_place(segments)
        os.close(self.descriptor)
        self.descriptor = -1

    def discard(self) -> None:
        """Delete it, unless it was committed."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
            with suppress(FileNotFoundError):
                Path(self.path).unlink()

    def _commit_described(self, segments: Segments, attributes: Attributes) -> None:
        os.fchmod(self.descriptor, DESCRIBED)
        found = os.fstat(self.descriptor)
        try:
            write_attributes(self.root, segments, found, attributes)
            self._move_into_place(segments, version_of(found))
        except BaseException:
            delete_attributes(self.root, segments, found)
            raise

    def _move_into_place(self, segments: Segments, version: str = "") -> None:
        for _ in range(_ATTEMPTS):
            with suppress(FileNotFoundError):
                self._move(segments, version)
                return
        raise StorageError("a folder of the storage goes away as often as it is made")

    def _move(self, segments: Segments, version: str) -> None:
        *folders, name = segments
        with self.root.folder(folders, create=True) as target:
            old = _last(name, target, locked=bool(version))
            if old is not None and stat.S_ISLNK(old.st_mode):
                raise InvalidKeyError(f"{name!r} is a symlink in the folder of the storage")
            os.replace(self.path, name, dst_dir_fd=target)
            if FSYNC:
                os.fsync(target)
            if old is not None and version_of(old) != version:
                delete_attributes(self.root, segments, old)


def _last(name: str, folder: int, *, locked: bool = False) -> os.stat_result | None:
    found = lstat(name, folder)
    if not locked and (found is None or not may_have(found)):
        return found
    _lock(folder)
    return lstat(name, folder)


def _lock(folder: int) -> None:
    # Until the folder is closed. One of all who replace a version deletes its attributes; who
    # has waited for too long goes on, for all that can be left is a file nobody looks for.
    for _ in range(_LOCK_ATTEMPTS):
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_LOCK_POLL)
        except OSError:  # not on this file system
            return
        else:
            return


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
        found = _last(name, folder)
        if found is None or not stat.S_ISREG(found.st_mode):
            return
        os.unlink(name, dir_fd=folder)
        delete_attributes(root, segments, found)
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
        attributes = read_attributes(root, segments, found)
        if attributes or not may_have(found) or not left or _is_still(root, segments, found):
            return descriptor, found, attributes
        os.close(descriptor)  # it was replaced, and its attributes are gone
    raise AssertionError


def _is_still(root: Root, segments: Segments, found: os.stat_result) -> bool:
    *folders, name = segments
    with suppress(OSError), root.folder(folders) as folder:
        now = lstat(name, folder)
        return now is not None and version_of(now) == version_of(found)
    return False


def delete_stale(root: Root) -> None:
    """Delete temporary files of processes that were killed."""
    with suppress(FileNotFoundError):
        for entry in os.scandir(root.own(TEMPORARY, "")):
            with suppress(FileNotFoundError):
                if time.time() - entry.stat(follow_symlinks=False).st_mtime > STALE_AFTER:
                    Path(entry.path).unlink()
