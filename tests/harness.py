"""A project on disk, commands run in it, and what came of them."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import documents


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command printed and its exit code."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict[str, Any]:
        """Return the one JSON document on stdout, checked against the schema."""
        return documents.parsed(self.stdout)


Run = Callable[..., Outcome]


@dataclass(frozen=True, slots=True)
class Shop:
    """A bootstrapped project; commands run with it as the working directory."""

    root: Path
    run: Run

    def __truediv__(self, path: str) -> Path:
        return self.root / path

    def add(self, *arguments: str) -> Outcome:
        """Run `paxx infra add` without touching the environment."""
        return self.run("infra", "add", *arguments, "--no-sync")

    def remove(self, *arguments: str) -> Outcome:
        """Run `paxx infra remove` without touching the environment."""
        return self.run("infra", "remove", *arguments, "--no-sync")

    def upgrade(self, *arguments: str) -> Outcome:
        """Run `paxx infra upgrade` without touching the environment."""
        return self.run("infra", "upgrade", *arguments, "--no-sync")

    def installed(self) -> list[str]:
        """Return the names of the components that are recorded, sorted."""
        return sorted(path.stem for path in self.root.glob(".paxx/components/*.json"))

    def tree(self) -> dict[str, bytes]:
        """Return every file of the project, git's own left out."""
        return tree(self.root)

    def restore(self, files: dict[str, bytes]) -> None:
        """Make the files of the project exactly these again."""
        for path in self.tree().keys() - files.keys():
            (self.root / path).unlink()
        for path, content in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_bytes(content)


def tree(root: Path) -> dict[str, bytes]:
    """Return the content of every file below a directory, git's own and `.paxx/local` left out."""
    files = {
        path.relative_to(root).as_posix(): path
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
    return {
        name: path.read_bytes()
        for name, path in files.items()
        if name.split("/")[0] != ".git" and not name.startswith(".paxx/local/")
    }


def changed_lines(before: bytes, after: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the lines that went and the lines that came."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    gone, came = [], []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            gone += old[a:b]
            came += new[c:d]
    return gone, came
