"""Sign what paxx leaves for itself in a project, so that a clone cannot forge it.

The key is 32 random bytes, one for each user and machine, and lies outside of every project: in
`$XDG_STATE_HOME/paxx`, else `~/.local/state/paxx`, else, where the home directory cannot be
written, in `/var/tmp/paxx-UID`.
"""

import hashlib
import hmac
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from paxx import disk

_SHARED = Path("/var/tmp")  # noqa: S108 - a folder in it is used only if it is private
_FILE = "key"
_LENGTH = 32


def sign(content: bytes, root: Path) -> str:
    """Return a signature that `is_signed` accepts; empty where no key can be kept."""
    keys = (_key(folder, create=True) for folder in _folders(root))
    return next((_digest(key, content) for key in keys if key), "")


def is_signed(content: bytes, signature: str, root: Path) -> bool:
    """Return whether this user signed the content on this machine."""
    keys = (_key(folder, create=False) for folder in _folders(root))
    expected = (_digest(key, content) for key in keys if key)
    return any(hmac.compare_digest(each.encode(), signature.encode()) for each in expected)


def _digest(key: bytes, content: bytes) -> str:
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def _folders(root: Path) -> Iterator[Path]:
    """Yield where the key may lie, the best place first; never inside the project."""
    state = Path(os.environ.get("XDG_STATE_HOME", ""))
    if not state.is_absolute():
        state = Path(os.path.expanduser("~"), ".local", "state")  # noqa: PTH111 - may fail
    places = [state / "paxx"]
    if sys.platform != "win32":  # pragma: no branch
        places.append(_SHARED / f"paxx-{os.geteuid()}")
    for folder in places:
        if folder.is_absolute() and not folder.resolve().is_relative_to(root.resolve()):
            yield folder


def _key(folder: Path, *, create: bool) -> bytes | None:
    """Return the key in a folder, None where there is none or others could know it."""
    file = folder / _FILE
    try:
        if create and not file.exists():
            _create(file)
        if not (_is_private(folder) and _is_private(file)):
            return None
        key = file.read_bytes()
    except OSError:
        return None
    return key if len(key) == _LENGTH else None


def _create(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = file.with_name(f".{_FILE}-{os.urandom(8).hex()}")
    try:
        disk.write(temporary, os.urandom(_LENGTH), 0o600)
        os.link(temporary, file)  # never half a key, and never in place of another command's
        for folder in (file.parent, file.parent.parent):  # a journal may outlive a power cut
            disk.sync_directory(folder)
    except FileExistsError:
        pass
    finally:
        temporary.unlink(missing_ok=True)


def _is_private(path: Path) -> bool:
    if sys.platform == "win32":  # pragma: no cover - the home directory is private there
        return True
    found = path.lstat()
    is_plain = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
    return is_plain and found.st_uid == os.geteuid() and not found.st_mode & 0o077
