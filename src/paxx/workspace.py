"""The project as it will be: what is on disk, overlaid with what is planned."""

import codecs
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from paxx.changes import FileChange
from paxx.errors import FileSyntaxError, PreconditionError
from paxx.project import RECORDS, Project, installed


@dataclass(slots=True)
class Workspace:
    """A view of a project in which files can be written without touching the disk.

    `after` is what is planned for a path; None is a file that goes.
    """

    project: Project
    after: dict[str, bytes | None] = field(default_factory=dict)

    def read(self, path: str) -> bytes | None:
        """Return the planned content of a file, else what is on disk."""
        return self.after[path] if path in self.after else self.project.read(path)

    def text(self, path: str) -> str | None:
        """Return a file decoded, without its byte order mark; None where there is none."""
        raw = self.read(path)
        if raw is None:
            return None
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FileSyntaxError("not UTF-8", path=path, hint="save it as UTF-8") from error

    def write(self, path: str, text: str) -> None:
        """Plan new text for a file, keeping its byte order mark."""
        mark = (self.read(path) or b"").startswith(codecs.BOM_UTF8)
        self.after[path] = (codecs.BOM_UTF8 if mark else b"") + text.encode()

    def put_beside(self, path: str, suffix: str, content: bytes) -> None:
        """Plan a file beside another one; raises PreconditionError for one that is there."""
        beside = path + suffix
        if self.read(beside) not in {None, content}:
            raise PreconditionError(
                "this file is in the way", path=beside, hint="move it away, then try again"
            )
        self.after[beside] = content

    def installed(self) -> tuple[str, ...]:
        """Return the names of the components that the project will have, sorted."""
        records = {f"{RECORDS}/{name}.json" for name in installed(self.project)}
        records |= {path for path in self.after if path.startswith(f"{RECORDS}/")}
        present = [path for path in records if self.read(path) is not None]
        return tuple(sorted(PurePosixPath(path).stem for path in present))

    def changes(self) -> tuple[FileChange, ...]:
        """Return what differs from the disk: sorted by path, the record last."""
        changes = [
            FileChange(path, before, after)
            for path, after in self.after.items()
            if (before := self.project.read(path)) != after
        ]
        return tuple(
            sorted(changes, key=lambda change: (change.path.startswith(".paxx/"), change.path))
        )
