"""Keep whatever the project does while it is examined from writing into it."""

import errno
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

ROOT = Path.cwd()

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {f"os.{name}" for name in ("link", "mkdir", "remove", "rename", "rmdir", "symlink")}
_CHANGES |= {"os.chmod", "os.chown", "os.truncate", "os.utime"}


class RefusedError(PermissionError):
    """The project was about to write into itself."""


def refuse(event: str, arguments: "tuple[Any, ...]") -> None:
    """Stop what would change a file below the root; the interpreter tells of it beforehand."""
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
        _check(arguments[0])
    elif event in _CHANGES:
        for path in arguments[:2]:
            _check(path)
    elif event == "sqlite3.connect":
        file = file_of(arguments[0])
        if file is not None and not file.exists():
            _check(file)


def refusal(error: BaseException) -> "dict[str, Any] | None":
    """Return what was refused if an error comes from that, and whether it is permitted at all."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, RefusedError):
        found = found.__cause__ or found.__context__
    if found is None:
        return None
    path = Path(found.filename)
    existing = next(each for each in (path, *path.parents) if each.exists())
    # A file in a folder may have a new name each time.
    place = path if path.parent == ROOT else path.parent
    return {"path": place.relative_to(ROOT).as_posix(), "permitted": os.access(existing, os.W_OK)}


def file_of(database: Any) -> "Path | None":
    """Return the file of an SQLite database, None where it is kept in memory."""
    name = os.fsdecode(database)
    if name.startswith("file:"):  # how options are passed
        name = unquote(urlsplit(name).path)
    return None if name in {"", ":memory:"} else Path(name)


def _check(path: Any) -> None:
    if isinstance(path, (str, bytes, os.PathLike)):
        absolute = Path(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 - links are not followed
        if ROOT in absolute.parents:
            raise RefusedError(errno.EROFS, "nothing is written here", str(absolute))
