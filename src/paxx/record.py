"""The record of what paxx installed: `.paxx/`, kept in the project and committed with it.

One small file for each component (so that two branches which add different components merge
without a conflict) and the pristine copy of every file that the component brought.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from paxx.changes import Status, Step
from paxx.errors import FileSyntaxError
from paxx.project import Reader

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one installed component; `files` maps a path to its pristine SHA-256.

    `added` holds the kind, path and key of every edit that paxx made itself.
    """

    name: str
    version: str
    files: Mapping[str, str]
    added: frozenset[tuple[str, str, str]]


def path_of(name: str) -> str:
    """Return where the record of a component lies in the project."""
    return f".paxx/components/{name}.json"


def pristine_path_of(name: str, path: str) -> str:
    """Return where the pristine copy of a component's file lies in the project."""
    return str(PurePosixPath(".paxx/base") / name / path)


def load(read: Reader, name: str) -> Record | None:
    """Return the record of a component, None where it is not installed.

    Raises FileSyntaxError for a record that paxx cannot read.
    """
    path = path_of(name)
    raw = read(path)
    if raw is None:
        return None
    try:
        data = json.loads(raw)
        schema, record = data["schema"], _record(data)
    except (ValueError, KeyError, TypeError) as error:
        raise FileSyntaxError(
            "this record is damaged",
            path=path,
            hint="restore it from version control, or delete it and add the component again",
        ) from error
    if schema != SCHEMA:
        raise FileSyntaxError(
            f"this record has schema {schema}, this paxx reads {SCHEMA}",
            path=path,
            hint="use the newer version of paxx that wrote it",
        )
    return record


def render(
    component: tuple[str, str],
    files: Mapping[str, bytes],
    steps: Iterable[Step],
    previous: Record | None,
) -> bytes:
    """Return the content of a record: stable, so that the same project gives the same bytes.

    `component` is its name and version. What an earlier run added stays known as added.
    """
    name, version = component
    before = previous.added if previous else frozenset()
    edits = [
        {"kind": step.kind, "path": step.path, "key": step.key, "status": _kept(step, before)}
        for step in steps
        if step.kind != "file"
    ]
    data = {
        "schema": SCHEMA,
        "name": name,
        "version": version,
        "files": {path: digest(content) for path, content in sorted(files.items())},
        "edits": edits,
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


def _record(data: dict[str, Any]) -> Record:
    added = frozenset(
        (edit["kind"], edit["path"], edit["key"])
        for edit in data["edits"]
        if edit["status"] == "added"
    )
    return Record(data["name"], data["version"], data["files"], added)


def _kept(step: Step, before: frozenset[tuple[str, str, str]]) -> str:
    added = step.status is Status.PLANNED or (step.kind, step.path, step.key) in before
    return "added" if added else str(step.status)
