"""Journals on disk: as paxx writes them, and as somebody else may."""

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec

from paxx import journal, signature
from paxx.changes import FileChange

FOLDER = Path(journal.FOLDER)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def entry(target: str, before: str | None, after: str | None, **others: str) -> dict[str, Any]:
    """Return an entry of a journal in a form that paxx writes, but for what is said."""
    folder, _, name = target.rpartition("/")
    temporary = f"{folder}/.{name}.paxx-unfinished".removeprefix("/")
    return {
        "path": "README.md",
        "target": target,
        "before": before,
        "after": after,
        "temporary": temporary,
        "original": "0",
        **others,
    }


def document(*files: dict[str, Any], directories: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"schema": 1, "files": list(files), "directories": list(directories)}


def write(root: Path, data: dict[str, Any], original: bytes = b"original\n") -> None:
    """Write a journal with one original into a project."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "0").write_bytes(original)
    (folder / journal.PLAN).write_text(json.dumps(data))


def leave_half_done(root: Path) -> None:
    """Write what a command leaves that was killed when it had edited one file and made another."""
    changes = [
        FileChange("core/new.py", None, b"new\n"),
        FileChange("settings.py", (root / "settings.py").read_bytes(), b"# new\n"),
    ]
    journal.write(journal.plan(root, changes))
    (root / "core/new.py").write_bytes(b"new\n")
    (root / "settings.py").unlink()  # it is replaced: the journal has the original
    (root / "settings.py").write_bytes(b"# new\n")


def sign(root: Path) -> None:
    """Sign the journal in a project as the user of this machine, if paxx could have written it."""
    path = root / FOLDER / journal.PLAN
    with contextlib.suppress(msgspec.DecodeError):
        found = msgspec.json.decode(path.read_bytes(), type=journal._Document)
        signed = msgspec.structs.replace(found, signature=signature.sign(found.signed, root))
        path.write_bytes(msgspec.json.encode(signed))
