"""Keep every path that the repository names inside the project.

What lies below `.paxx` comes with a clone, so a path in it is untrusted input. It is checked when
it is decoded (`check_path`, `check_owned`) and again when it is used: `place` follows no symbolic
link, `resolve` follows links of the user as long as they stay inside.
"""

import os
from pathlib import Path

from paxx.errors import PreconditionError

STATE = ".paxx"
NAME = r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*"
"""What the name of a component looks like: it is part of paths below `.paxx`."""
_GIT = frozenset({".git", "git~1"})
_RESERVED = frozenset("\\:")
"""Characters that separate folders, drives or streams on Windows."""


def check_path(path: str) -> None:
    """Raise ValueError unless the path is relative, stays below its root and avoids `.git`."""
    parts = path.split("/")
    is_relative = all(part.strip(". ") for part in parts)  # Windows drops trailing dots and spaces
    if not is_relative or not path.isprintable() or _RESERVED & set(path):
        raise ValueError(f"`{path}` is not a path inside the project")
    if any(part.rstrip(". ").casefold() in _GIT for part in parts):
        raise ValueError(f"`{path}` leads into the repository of git")


def check_owned(path: str) -> None:
    """Raise ValueError unless paxx may write a file of the project at this path."""
    check_path(path)
    first = path.partition("/")[0].rstrip(". ").casefold()
    if first == STATE:
        raise ValueError(f"`{path}` leads into `{STATE}`")
    if first == ".env":
        raise ValueError("`.env` is never written")


def place(root: Path, path: str) -> Path:
    """Return where a path leads; raises PreconditionError for a symbolic link on the way."""
    location = root
    for part in path.split("/"):
        location /= part
        if location.is_symlink():
            link = location.relative_to(root).as_posix()
            raise PreconditionError("a symbolic link is in the way", path=link)
    return location


def resolve(root: Path, path: str) -> Path:
    """Return where a file of the user lies, links followed.

    Raises PreconditionError where paxx may not write: outside, or in `.env` or `.paxx` by a link.
    """
    resolved, base = (root / path).resolve(), root.resolve()
    if not resolved.is_relative_to(base):
        raise PreconditionError("this leads out of the project", path=path)
    if str(resolved) == os.path.realpath(base / ".env"):
        raise PreconditionError(
            "`.env` is never written, and it is this file by a link",
            path=path,
            hint="replace the link by a copy",
        )
    target = resolved.relative_to(base).as_posix()
    try:
        (check_path if target == path else check_owned)(target)
    except ValueError as error:
        raise PreconditionError(str(error), path=path) from error
    return resolved


def check_state(root: Path) -> None:
    """Raise PreconditionError unless `.paxx` and all below it are real files and directories."""
    state = root / STATE
    if state.is_symlink():
        raise _unreal(STATE, "a symbolic link")
    if state.exists() and not state.is_dir():
        raise PreconditionError("a file is in the way of this directory", path=STATE)
    waiting = [state]
    while waiting:
        folder = waiting.pop()
        for entry in _entries(folder):
            path = folder / entry.name
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            elif not entry.is_file(follow_symlinks=False):
                kind = "a symbolic link" if entry.is_symlink() else "no regular file"
                raise _unreal(path.relative_to(root).as_posix(), kind)


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:  # removed by another command since, or unreadable for whoever needs it, too
        return []


def _unreal(path: str, kind: str) -> PreconditionError:
    return PreconditionError(
        f"{kind}; only regular files and directories are allowed in `{STATE}`",
        path=path,
        hint=f"remove it, then restore `{STATE}` from version control if it was there before",
    )
