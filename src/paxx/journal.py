"""The journal of a command, on disk before the first file changes: all that it takes to undo it.

`.paxx/journal/` holds the original of each file to be replaced or removed, and `journal.json`,
which names them. The journal counts from the moment `journal.json` is there until it is gone; a
command that finds one undoes what another left half-done.
"""

import hashlib
import itertools
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from paxx import disk, documents
from paxx.changes import ASIDE, FileChange, Left, Undone
from paxx.errors import PreconditionError

FOLDER = ".paxx/journal"
PLAN = "journal.json"
SCHEMA = 1


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


class _Document(msgspec.Struct, frozen=True):
    schema: int
    files: tuple[Entry, ...]
    directories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Journal:
    """What a command is about to do below `root`.

    `directories` are new, parents first, and relative to the root, which may be one of them.
    """

    root: Path
    files: tuple[Entry, ...]
    directories: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Return where the journal lies."""
        return self.root / FOLDER

    @property
    def new_directories(self) -> list[Path]:
        """Return the directories in a form that needs none of them to be there."""
        return [Path(os.path.normpath(self.root / each)) for each in self.directories]


def check_none(root: Path) -> None:
    """Raise PreconditionError where a journal counts."""
    if load(root) is not None:
        raise PreconditionError(
            f"a command was killed in `{root}` and left it half-done",
            hint="`paxx recover` puts everything back; then run this again",
        )


def plan(root: Path, changes: Iterable[FileChange]) -> Journal:
    """Return the journal of these changes; writes nothing."""
    files = tuple(_entry(root, number, change) for number, change in enumerate(changes))
    parents = [(root / entry.target).parent for entry in files if entry.after is not None]
    parents.append((root / FOLDER).parent)
    missing = {
        each for parent in parents for each in (parent, *parent.parents) if not each.exists()
    }
    directories = sorted(missing, key=lambda each: len(each.parts))
    return Journal(root, files, tuple(os.path.relpath(each, root) for each in directories))


def digest(content: bytes | None) -> str | None:
    """Return the SHA-256 of a file in hexadecimal, None for no file."""
    return None if content is None else hashlib.sha256(content).hexdigest()


def content_of(path: Path) -> bytes | None:
    """Return the content of a file, None where there is none."""
    return path.read_bytes() if path.is_file() else None


def write(journal: Journal) -> None:
    """Make the journal count: from here on, undoing it gives back what is there now."""
    journal.folder.mkdir(parents=True)
    for entry in journal.files:
        if entry.before is not None:
            disk.keep(journal.root / entry.target, journal.folder / entry.original)
    unfinished = journal.folder / f"{PLAN}.unfinished"
    document = _Document(SCHEMA, journal.files, journal.directories)
    disk.write(unfinished, msgspec.json.format(msgspec.json.encode(document), indent=2))
    unfinished.replace(journal.folder / PLAN)
    disk.sync_directory(journal.folder)


def load(root: Path) -> Journal | None:
    """Return the journal that a command left behind, None where there is none that counts.

    Raises FileSyntaxError for one that paxx cannot read.
    """
    raw = content_of(root / FOLDER / PLAN)
    if raw is None:
        return None
    hint = f"the originals of the files are in `{FOLDER}`; delete it when they are back"
    document = documents.decode(raw, _Document, SCHEMA, f"{FOLDER}/{PLAN}", hint)
    return Journal(root, document.files, document.directories)


def undo(journal: Journal) -> Undone:
    """Put every file back, remove what is new, and end the journal; may be repeated.

    A file that is neither as it was nor as the command made it was changed since: it stays, and
    its original is put beside it. A file that the command had not reached stays in any case.
    Raises OSError when a file cannot be put back; the journal counts then as before.
    """
    restored: list[str] = []
    left: list[Left] = []
    for entry in reversed(journal.files):
        was_waiting = _discard(journal.root / entry.temporary)
        current = digest(content_of(journal.root / entry.target))
        if current == entry.before or was_waiting or _is_original(journal, entry):
            continue
        if current == entry.after:
            _restore(journal, entry)
            restored.append(entry.path)
        elif note := _put_aside(journal, entry):
            left.append(Left(entry.path, note))
    _remove_new_directories(journal)  # but for those in which the journal lies
    finish(journal)
    disk.remove_tree(journal.folder)
    _remove_new_directories(journal)
    in_order = sorted(left, key=lambda each: each.path)
    return Undone(tuple(sorted(restored)), tuple(in_order))


def sweep(root: Path) -> None:
    """Remove what a command left that ended before its journal counted: it had changed nothing.

    Only for a project without a journal that counts.
    """
    disk.remove_tree(root / FOLDER)
    disk.remove_directory((root / FOLDER).parent)


def finish(journal: Journal) -> None:
    """Make what was written durable, and the journal count no longer."""
    _sync_parents(journal)
    (journal.folder / PLAN).unlink(missing_ok=True)


def remove(journal: Journal) -> None:
    """Remove a journal that no longer counts, and what was made for it alone."""
    disk.remove_tree(journal.folder)
    disk.remove_directory(journal.folder.parent)


def _entry(root: Path, number: int, change: FileChange) -> Entry:
    target = (root / change.path).resolve()
    relative = Path(os.path.relpath(target, root.resolve()))
    return Entry(
        path=change.path,
        target=relative.as_posix(),
        before=digest(change.before),
        after=digest(change.after),
        temporary=relative.with_name(f".{target.name}.paxx-unfinished").as_posix(),
        original=str(number),
    )


def _remove_new_directories(journal: Journal) -> None:
    for directory in reversed(journal.new_directories):
        disk.remove_directory(directory)


def _discard(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _restore(journal: Journal, entry: Entry) -> None:
    target = journal.root / entry.target
    if entry.before is None:
        target.unlink()
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        (journal.folder / entry.original).replace(target)


def _is_original(journal: Journal, entry: Entry) -> bool:
    """Tell whether the file is still the one that was there before, whatever it holds by now."""
    original, target = journal.folder / entry.original, journal.root / entry.target
    return original.exists() and target.exists() and target.samefile(original)


def _put_aside(journal: Journal, entry: Entry) -> str:
    """Put the original beside its file and say what it is; nothing where it was put back once."""
    if entry.before is None:
        return "it was not there before"
    original, target = journal.folder / entry.original, journal.root / entry.target
    aside = _beside(target, entry.before)
    if original.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        original.replace(aside)
    elif not aside.exists():  # undone once, and changed after that
        return ""
    # A link to the original shows also what was written to that, by who had it open.
    what = "what it was" if digest(content_of(aside)) == entry.before else "an earlier state of it"
    return f"{what} is in `{Path(entry.target).with_name(aside.name).as_posix()}`"


def _beside(target: Path, content: str) -> Path:
    """Return where an original goes: to a name that is free, or where it is already."""
    names = (f"{target.name}{ASIDE}{number or ''}" for number in itertools.count())
    paths = (target.with_name(name) for name in names)
    return next(each for each in paths if not each.exists() or digest(content_of(each)) == content)


def _sync_parents(journal: Journal) -> None:
    for directory in sorted(set(_parents(journal))):
        disk.sync_directory(directory)


def _parents(journal: Journal) -> Iterator[Path]:
    for entry in journal.files:
        parent = (journal.root / entry.target).parent
        if parent.is_dir():
            yield parent
