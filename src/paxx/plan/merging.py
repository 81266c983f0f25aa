"""Merge the files of a component three-way: as they came, as they are, as they come now."""

from collections.abc import Mapping
from dataclasses import dataclass

from paxx import merge as three_way
from paxx.changes import BESIDE, Status, Step
from paxx.edits import function
from paxx.errors import FileSyntaxError
from paxx.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Versions:
    """The files of one component as they came (`old`) and as the new version brings them."""

    name: str
    version: str
    old: Mapping[str, bytes]
    new: Mapping[str, bytes]


def merge(workspace: Workspace, versions: Versions) -> list[Step]:
    """Plan the files of the new version, and return what becomes of each, sorted by path."""
    return [_step(workspace, versions, path) for path in sorted({*versions.old, *versions.new})]


def _step(workspace: Workspace, versions: Versions, path: str) -> Step:
    status, note = _merge(workspace, versions, path)
    return Step(versions.name, "file", path, path, status, note)


def _merge(workspace: Workspace, versions: Versions, path: str) -> tuple[Status, str]:
    old, new, current = versions.old.get(path), versions.new.get(path), workspace.read(path)
    if new in (current, old):
        return Status.ALREADY, ""
    if current == old:
        workspace.after[path] = new
        return Status.REMOVED if new is None else Status.PLANNED, ""
    if current is None:
        return Status.KEPT, "you deleted it, so it stays away"
    if new is None:
        return Status.KEPT, f"{versions.version} brings it no more; you changed it, so it stays"
    if old is None:
        return _put_beside(workspace, path, new, "there was a file of that name")
    return _merge_texts(workspace, versions, path)


def _merge_texts(workspace: Workspace, versions: Versions, path: str) -> tuple[Status, str]:
    old, new, current = versions.old[path], versions.new[path], workspace.read(path) or b""
    try:
        base, theirs, ours = (each.decode() for each in (old, current, new))
    except UnicodeDecodeError:
        return _put_beside(workspace, path, new, "it cannot be merged, because it is not text")
    if three_way.unresolved(theirs):
        return _put_beside(workspace, path, new, "it has conflict markers already")
    label = f"{versions.name} {versions.version}"
    merged = three_way.merge(base, theirs, ours, label)
    is_python = path.endswith(".py")
    if not merged.conflicts and (not is_python or _parses(merged.text)):
        workspace.after[path] = merged.text.encode()
        return Status.PLANNED, "merged with your changes"
    if merged.conflicts and is_python:
        workspace.after[path] = merged.text.encode()
        return Status.CONFLICT, f"{merged.conflicts} to resolve between the markers"
    return _put_beside(workspace, path, new, "your changes and the new ones overlap")


def _put_beside(workspace: Workspace, path: str, new: bytes, why: str) -> tuple[Status, str]:
    workspace.put_beside(path, BESIDE, new)
    return Status.CONFLICT, f"{why}; the new version is in `{path}{BESIDE}`"


def _parses(text: str) -> bool:
    try:
        function("python.module.read")(text)
    except FileSyntaxError:
        return False
    return True
