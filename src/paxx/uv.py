"""The workspace that a project is a member of, as uv finds it, with its lock file and environment.

https://docs.astral.sh/uv/concepts/projects/workspaces
"""

import contextlib
import functools
import os
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

LOCK = "uv.lock"


def workspace_of(root: Path) -> Path | None:
    """Return the root of the workspace that a project is, or would be, a member of.

    As in uv, the nearest directory above it that has a `pyproject.toml` decides.
    """
    own = _table(root, "tool", "uv", "workspace")
    above = next((each for each in root.parents if (each / "pyproject.toml").is_file()), None)
    if own or above is None:
        return None
    workspace = _table(above, "tool", "uv", "workspace")
    parts = root.relative_to(above).parts
    is_member = _matches(workspace.get("members"), parts)
    return above if is_member and not _matches(workspace.get("exclude"), parts) else None


def home_of(root: Path) -> Path:
    """Return the directory in which uv keeps the lock file and the environment of a project."""
    return workspace_of(root) or root


def lock_path(root: Path) -> str:
    """Return the path of the lock file, relative to the project."""
    return Path(os.path.relpath(home_of(root) / LOCK, root)).as_posix()


def allows(workspace: Path, python: str) -> bool:
    """Return whether all members of a workspace, which share an environment, allow this Python."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 - slow

    for folder in (workspace, *_members(workspace)):
        required = _table(folder, "project").get("requires-python", "")
        with contextlib.suppress(InvalidSpecifier, TypeError):  # uv reports it
            allowed = SpecifierSet(required)
            if not any(allowed.contains(each) for each in (python, f"{python}.99")):
                return False
    return True


def _members(workspace: Path) -> Iterator[Path]:
    table = _table(workspace, "tool", "uv", "workspace")
    for pattern in _patterns(table.get("members")):
        if any("**" in part != "**" for part in pattern.parts):  # uv reports it
            continue
        for folder in workspace.glob(str(pattern)):
            if not _matches(table.get("exclude"), folder.relative_to(workspace).parts):
                yield folder


def _patterns(listed: Any) -> list[Path]:
    texts = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
    paths = [Path(os.path.normpath(each)) for each in texts]
    return [
        each for each in paths if each.parts and ".." not in each.parts and not each.is_absolute()
    ]


def _matches(listed: Any, parts: tuple[str, ...]) -> bool:
    return any(_matches_one(each.parts, parts) for each in _patterns(listed))


@functools.cache  # several `**` would be tried again and again
def _matches_one(pattern: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """Return whether a path matches a glob in which `**` stands for any number of directories."""
    if not pattern or not parts:
        return not parts and all(each == "**" for each in pattern)
    if pattern[0] == "**":
        return _matches_one(pattern[1:], parts) or _matches_one(pattern, parts[1:])
    return fnmatchcase(parts[0], pattern[0]) and _matches_one(pattern[1:], parts[1:])


def _table(folder: Path, *keys: str) -> dict[str, Any]:
    """Return a table of the `pyproject.toml` in a directory; uv reports one that is damaged."""
    try:
        found: Any = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return {}
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
