"""The record of what paxx installed: `.paxx/`, kept in the project and committed with it.

One small file for each component (so that two branches which add different components merge
without a conflict) and the pristine copy of every file that the component brought.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import msgspec

from paxx import manifest
from paxx.changes import Status, Step
from paxx.errors import FileSyntaxError
from paxx.project import Reader

SCHEMA = 1


class _Edit(msgspec.Struct, frozen=True):
    path: str
    kind: str
    key: str
    status: str


class _Schema(msgspec.Struct, frozen=True):
    schema: int


class _Document(_Schema, frozen=True):
    name: str
    version: manifest.Version
    files: dict[str, str]
    edits: tuple[_Edit, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one installed component.

    `files` maps a path to its pristine SHA-256, `edits` maps path, kind and key of an edit to
    `added` when paxx made it, else to what was found: `already`, `kept` or `manual`.
    """

    name: str
    version: str
    files: Mapping[str, str]
    edits: Mapping[tuple[str, str, str], str]


def path_of(name: str) -> str:
    """Return where the record of a component lies in the project."""
    return f".paxx/components/{name}.json"


def pristine_path_of(name: str, path: str) -> str:
    """Return where the pristine copy of a component's file lies in the project.

    The suffix keeps formatters, linters and test runners from taking it for code.
    """
    return f".paxx/base/{name}/{path}.pristine"


def load(read: Reader, name: str) -> Record | None:
    """Return the record of a component, None where it is not installed.

    Raises FileSyntaxError for a record that paxx cannot read.
    """
    path = path_of(name)
    raw = read(path)
    if raw is None:
        return None
    try:
        schema = msgspec.json.decode(raw, type=_Schema).schema
        document = msgspec.json.decode(raw, type=_Document) if schema == SCHEMA else None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FileSyntaxError(
            "this record is damaged",
            path=path,
            hint="restore it from version control, or delete it and add the component again",
        ) from error
    if document is None:
        raise FileSyntaxError(
            f"this record has schema {schema}, this paxx reads {SCHEMA}",
            path=path,
            hint="use the newer version of paxx that wrote it",
        )
    edits = {(edit.path, edit.kind, edit.key): edit.status for edit in document.edits}
    return Record(document.name, document.version, document.files, edits)


def updated(
    known: Record, steps: Iterable[Step], others: Collection[tuple[str, str, str]] = ()
) -> Record:
    """Return the record with what these steps did; what paxx added once stays known as added.

    So does what is there because paxx added it for one of `others`: it belongs to both.
    """
    edits = dict(known.edits)
    for step in steps:
        key = (step.path, step.kind, step.key)
        if step.kind != "file" and edits.get(key) != "added":
            is_ours = step.status is Status.PLANNED or (
                step.status is Status.ALREADY and key in others
            )
            edits[key] = "added" if is_ours else str(step.status)
    return Record(known.name, known.version, known.files, edits)


def added(read: Reader, names: Iterable[str]) -> set[tuple[str, str, str]]:
    """Return the edits that paxx made for the components of these names, where installed."""
    records = (load(read, name) for name in names)
    return {
        key
        for each in records
        if each is not None
        for key, status in each.edits.items()
        if status == "added"
    }


def render(known: Record) -> bytes:
    """Return the content of a record: sorted, so that the same project gives the same bytes."""
    data = {
        "schema": SCHEMA,
        "name": known.name,
        "version": known.version,
        "files": dict(sorted(known.files.items())),
        "edits": [
            {"path": path, "kind": kind, "key": key, "status": status}
            for (path, kind, key), status in sorted(known.edits.items())
        ],
    }
    return (json.dumps(data, indent=2) + "\n").encode()


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def state_of(record: Record, read: Reader) -> str:
    """Return `installed`, or `modified` when a file of the component is changed or gone."""
    contents = {path: read(path) for path in record.files}
    pristine = all(
        content is not None and digest(content) == record.files[path]
        for path, content in contents.items()
    )
    return "installed" if pristine else "modified"
