"""The journal of a command, on disk before the first file changes: all that it takes to undo it.

`.paxx/journal/` holds the original of each file to be replaced or removed, and `journal.json`,
which names them. The journal counts from the moment `journal.json` is there until it is gone; a
command that finds one undoes what another left half-done, if the journal is signed by this user
on this machine, and its paths stay inside the project.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec

from paxx import confinement, disk, documents, git, signature
from paxx.changes import FileChange
from paxx.errors import PreconditionError

FOLDER = ".paxx/journal"
PLAN = "journal.json"
SCHEMA = 1
_IGNORE = (".gitignore", b"*\n")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Entry(msgspec.Struct, frozen=True):
    """One file: where it is, links followed, and SHA-256 before and after; None is no file.

    Paths are relative to the root. `temporary` holds the new content until it replaces the file,
    `original` the old one until the command has ended.
    """

    path: str
    target: str
    before: str | None
    after: str | None
    temporary: str
    original: str

    def __post_init__(self) -> None:
        confinement.check_path(self.path)
        confinement.check_path(self.target)
        if self.temporary != _temporary(self.target):
            raise ValueError(f"`{self.temporary}` is not the temporary file of `{self.target}`")
        if not re.fullmatch("[0-9]+", self.original):
            raise ValueError(f"`{self.original}` is not the number of an original")
        for each in (self.before, self.after):
            if each is not None and not _DIGEST.fullmatch(each):
                raise ValueError(f"`{each}` is not a SHA-256")


class _Document(msgspec.Struct, frozen=True):
    schema: int
    files: tuple[Entry, ...]
    directories: tuple[str, ...]
    signature: str = ""

    def __post_init__(self) -> None:
        for each in self.directories:
            if each != ".":
                confinement.check_path(each)

    @property
    def signed(self) -> bytes:
        """Return what the signature is of."""
        return b"journal " + msgspec.json.encode(msgspec.structs.replace(self, signature=""))


@dataclass(frozen=True, slots=True)
class Journal:
    """What a command is about to do below `root`.

    `directories` are new, parents first, and relative to the root, which may be one of them.
    `above` are the new ones that hold the root: no journal on disk names them.
    """

    root: Path
    files: tuple[Entry, ...]
    directories: tuple[str, ...]
    above: tuple[Path, ...] = ()

    @property
    def folder(self) -> Path:
        """Return where the journal lies."""
        return self.root / FOLDER

    @property
    def new_directories(self) -> list[Path]:
        """Return the directories, parents first."""
        below = (self.root if each == "." else self.place(each) for each in self.directories)
        return [*self.above, *below]

    def place(self, path: str) -> Path:
        """Return where a path leads; raises PreconditionError for a symbolic link on the way."""
        return confinement.place(self.root, path)


def check_none(root: Path) -> None:
    """Raise PreconditionError where a journal counts."""
    if load(root) is not None:
        raise PreconditionError(
            f"a command was killed in `{root}` and left it half-done",
            hint="`paxx recover` puts everything back; then run this again",
        )


def plan(root: Path, changes: Iterable[FileChange]) -> Journal:
    """Return the journal of these changes; writes nothing.

    Raises PreconditionError for a change outside of the project.
    """
    files = tuple(_entry(root, number, change) for number, change in enumerate(changes))
    parents = [(root / entry.target).parent for entry in files if entry.after is not None]
    parents.append((root / FOLDER).parent)
    missing = {
        each for parent in parents for each in (parent, *parent.parents) if not each.exists()
    }
    directories = sorted(missing, key=lambda each: len(each.parts))
    below = [each for each in directories if each.is_relative_to(root)]
    above = tuple(each for each in directories if each not in below)
    return Journal(root, files, tuple(each.relative_to(root).as_posix() for each in below), above)


def digest(content: bytes | None) -> str | None:
    """Return the SHA-256 of a file in hexadecimal, None for no file."""
    return None if content is None else hashlib.sha256(content).hexdigest()


def content_of(path: Path) -> bytes | None:
    """Return the content of a file, None where there is none."""
    return path.read_bytes() if path.is_file() else None


def write(journal: Journal) -> None:
    """Make the journal count: from here on, undoing it gives back what is there now."""
    journal.folder.mkdir(parents=True)
    name, content = _IGNORE  # before anything else: a journal must not be committed
    disk.write(journal.folder / name, content)
    for entry in journal.files:
        if entry.before is not None:
            disk.keep(journal.root / entry.target, journal.folder / entry.original)
    unfinished = journal.folder / f"{PLAN}.unfinished"
    document = _Document(SCHEMA, journal.files, journal.directories)
    signed = signature.sign(document.signed, journal.root)
    document = msgspec.structs.replace(document, signature=signed)
    disk.write(unfinished, msgspec.json.format(msgspec.json.encode(document), indent=2))
    unfinished.replace(journal.folder / PLAN)
    disk.sync_directory(journal.folder)


def is_there(root: Path) -> bool:
    """Return whether a command is at work, or was killed; a journal that counts may be damaged."""
    confinement.check_state(root)
    return (root / FOLDER / PLAN).is_file()


def load(root: Path) -> Journal | None:
    """Return the journal that a command left behind, None where there is none that counts.

    Raises FileSyntaxError for one that paxx cannot read or that leads out of the project,
    PreconditionError for one that this user did not write on this machine.
    """
    raw = content_of(root / FOLDER / PLAN) if is_there(root) else None
    if raw is None:
        return None
    hint = f"delete `{FOLDER}` if no command of yours was interrupted here; otherwise put the"
    hint += " originals of the files, which are in it, back first"
    document = documents.decode(raw, _Document, SCHEMA, f"{FOLDER}/{PLAN}", hint)
    _check_origin(root, document)
    return Journal(root, document.files, document.directories)


def _check_origin(root: Path, document: _Document) -> None:
    if not signature.is_signed(document.signed, document.signature, root):
        raise PreconditionError(
            "this journal was not written by you on this machine, so it is not undone",
            path=f"{FOLDER}/{PLAN}",
            hint=f"if no command of yours was interrupted here, delete `{FOLDER}`; otherwise run"
            " `paxx recover` as the user and on the machine that ran the command",
        )
    if git.is_tracked(root, FOLDER):
        raise PreconditionError(
            "git tracks this journal, so it is not undone",
            path=f"{FOLDER}/{PLAN}",
            hint=f"run `git rm -r --cached {FOLDER}`, then `paxx recover` if a command of yours was"
            " interrupted here",
        )


def _entry(root: Path, number: int, change: FileChange) -> Entry:
    target = confinement.resolve(root, change.path).relative_to(root.resolve()).as_posix()
    return Entry(
        path=change.path,
        target=target,
        before=digest(change.before),
        after=digest(change.after),
        temporary=_temporary(target),
        original=str(number),
    )


def _temporary(target: str) -> str:
    path = PurePosixPath(target)
    return path.with_name(f".{path.name}.paxx-unfinished").as_posix()
