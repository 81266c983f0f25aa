"""The record of what paxx installed: `.paxx/`, kept in the project and committed with it.

One small file for each component (so that two branches which add different components merge
without a conflict) and its pristine copy: a folder in the form of a component's, whose files are
as they were written.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from paxx import confinement, documents, manifest
from paxx.catalog import FRAGMENT, MANIFEST, Component
from paxx.changes import Patch, Status, Step
from paxx.errors import FileSyntaxError, PaxxError, PreconditionError
from paxx.project import RECORDS, Reader

SCHEMA = 1
ADDED = "added"
_RESTORE = "restore it from version control, or delete it and add the component again"
_RESTORE_COPY = "restore it from version control"
_NEWER = "use the version of paxx that added it, or a newer one"

Key = tuple[str, str, str]
"""Path, kind and key of an edit."""


class _Patch(msgspec.Struct, frozen=True, omit_defaults=True):
    found: str
    restored: str
    at_end: bool = False


class _Edit(msgspec.Struct, frozen=True):
    path: str
    kind: str
    key: str
    status: str
    created: bool = False
    patches: tuple[_Patch, ...] = ()
    left: tuple[str, ...] = ()


class _Document(msgspec.Struct, frozen=True):
    schema: int
    name: manifest.Name
    version: manifest.Version
    files: dict[str, str]
    edits: tuple[_Edit, ...]

    def __post_init__(self) -> None:
        for path in (*self.files, *(edit.path for edit in self.edits)):
            confinement.check_owned(path)


@dataclass(frozen=True, slots=True)
class Trace:
    """What an edit left in the project: `added` when paxx made it, else what was found.

    That is `already`, `kept` or `manual`. `created` says that the file was new, `patches` are
    what the inverse of the edit cannot know, `left` those of its entries that were there before.
    """

    status: str
    created: bool = False
    patches: tuple[Patch, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one installed component; `files` maps a path to its pristine SHA-256."""

    name: str
    version: str
    files: Mapping[str, str]
    edits: Mapping[Key, Trace]


def path_of(name: str) -> str:
    """Return where the record of a component lies in the project."""
    return f"{RECORDS}/{name}.json"


def pristine_path_of(name: str, path: str) -> str:
    """Return where the pristine copy of a component's file lies in the project."""
    return _copy_of(name, f"files/{path}")


def description(component: Component) -> dict[str, bytes]:
    """Return the copies of what the component asks for: they say what to take out again."""
    copies = {_copy_of(component.name, MANIFEST): component.source}
    if component.fragment:
        copies[_copy_of(component.name, FRAGMENT)] = component.fragment.encode()
    return copies


def copies(component: Component, known: Record) -> list[str]:
    """Return where the pristine copy of an installed component lies, file by file."""
    described = [MANIFEST, FRAGMENT] if component.fragment else [MANIFEST]
    owned = [pristine_path_of(known.name, path) for path in known.files]
    return [_copy_of(known.name, path) for path in described] + owned


def component_of(read: Reader, name: str) -> Component | None:
    """Return a component as it was when it was added, without its files; None where unknown.

    Raises FileSyntaxError for a copy that paxx cannot read.
    """
    path, fragment_path = _copy_of(name, MANIFEST), _copy_of(name, FRAGMENT)
    source, fragment = read(path), read(fragment_path)
    if source is None:
        return None
    try:
        parsed = manifest.parse(_decoded(source, path), path)
    except PaxxError as error:  # what is TOML may be a form that this paxx does not know
        is_newer = isinstance(error.__cause__, msgspec.ValidationError)
        hint = _NEWER if is_newer else _RESTORE_COPY
        raise FileSyntaxError(error.message, path=path, line=error.line, hint=hint) from error
    if parsed.name != name:
        message = f"this is the copy of `{parsed.name}`"
        raise FileSyntaxError(message, path=path, hint=_RESTORE_COPY)
    services = _decoded(fragment or b"", fragment_path)
    return Component(Path(".paxx/base") / name, parsed, services)


def load(read: Reader, name: str) -> Record | None:
    """Return the record of a component, None where it is not installed.

    Raises FileSyntaxError for a record that paxx cannot read.
    """
    path = path_of(name)
    raw = read(path)
    if raw is None:
        return None
    document = documents.decode(raw, _Document, SCHEMA, path, _RESTORE)
    if document.name != name:
        message = f"this file is damaged: it is that of `{document.name}`"
        raise FileSyntaxError(message, path=path, hint=_RESTORE)
    edits = {(edit.path, edit.kind, edit.key): _trace(edit) for edit in document.edits}
    return Record(document.name, document.version, document.files, edits)


def installed(read: Reader, name: str) -> tuple[Record, Component]:
    """Return the record of an installed component, and the component as it was when it came.

    Raises PreconditionError where the copy of it is missing.
    """
    known, component = load(read, name), component_of(read, name)
    if known is None or component is None:
        message = f"the copy of what `{name}` was added with is missing"
        raise PreconditionError(message, path=f".paxx/base/{name}", hint=_RESTORE_COPY)
    return known, component


def updated(known: Record, steps: Iterable[Step], others: Collection[Key] = ()) -> Record:
    """Return the record with what these steps did; what paxx added once stays known as added.

    So does what is there because paxx added it for one of `others`: it belongs to both.
    """
    edits = dict(known.edits)
    for step in steps:
        key = (step.path, step.kind, step.key)
        if step.kind != "file" and not was_added(edits.get(key)):
            is_ours = step.status is Status.PLANNED or (
                step.status is Status.ALREADY and key in others
            )
            status = ADDED if is_ours else str(step.status)
            edits[key] = Trace(status, step.created, step.patches, step.left)
    return replace(known, edits=edits)


def was_added(trace: Trace | None) -> bool:
    """Tell whether paxx made the edit."""
    return trace is not None and trace.status == ADDED


def added(read: Reader, names: Iterable[str]) -> set[Key]:
    """Return the edits that paxx made for the components of these names, where installed."""
    records = [known for name in names if (known := load(read, name)) is not None]
    return {key for each in records for key, trace in each.edits.items() if was_added(trace)}


def render(known: Record) -> bytes:
    """Return the content of a record: sorted, so that the same project gives the same bytes."""
    data = {
        "schema": SCHEMA,
        "name": known.name,
        "version": known.version,
        "files": dict(sorted(known.files.items())),
        "edits": [_rendered(key, trace) for key, trace in sorted(known.edits.items())],
    }
    return (json.dumps(data, indent=2) + "\n").encode()


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def state_of(record: Record, read: Reader) -> str:
    """Return `installed`, or `modified` when a file of the component is changed or gone."""
    contents = ((read(path), known) for path, known in record.files.items())
    is_pristine = all(each is not None and digest(each) == known for each, known in contents)
    return "installed" if is_pristine else "modified"


def _decoded(raw: bytes, path: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise FileSyntaxError("not UTF-8", path=path, hint=_RESTORE_COPY) from error


def _copy_of(name: str, path: str) -> str:
    # The suffix keeps formatters, linters and test runners from taking it for code.
    return f".paxx/base/{name}/{path}.pristine"


def _trace(edit: _Edit) -> Trace:
    patches = tuple(Patch(each.found, each.restored, each.at_end) for each in edit.patches)
    return Trace(edit.status, edit.created, patches, edit.left)


def _rendered(key: Key, trace: Trace) -> dict[str, Any]:
    data: dict[str, Any] = dict(zip(("path", "kind", "key"), key, strict=True))
    data["status"] = trace.status
    if trace.created:
        data["created"] = True
    if trace.patches:
        patches = [_Patch(each.found, each.restored, each.at_end) for each in trace.patches]
        data["patches"] = msgspec.to_builtins(patches)
    if trace.left:
        data["left"] = list(trace.left)
    return data
