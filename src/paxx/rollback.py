"""Undo what a command did, by its journal, and end the journal."""

import itertools
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from paxx import disk
from paxx.changes import ASIDE, Left, Undone
from paxx.journal import FOLDER, PLAN, Entry, Journal, content_of, digest


def undo(journal: Journal) -> Undone:
    """Put every file back, remove what is new, and end the journal; may be repeated.

    A file that is neither as it was nor as the command made it was changed since: it stays, and
    its original is put beside it. A file that the command had not reached stays in any case.
    Raises OSError when a file cannot be put back, PreconditionError where a symbolic link is in
    the way; the journal counts then as before.
    """
    for entry in journal.files:  # before anything changes
        journal.place(entry.target)
        journal.place(entry.temporary)
    restored: list[str] = []
    left: list[Left] = []
    for entry in reversed(journal.files):
        was_waiting = _discard(journal.place(entry.temporary))
        current = digest(content_of(journal.place(entry.target)))
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
    target = journal.place(entry.target)
    if entry.before is None:
        target.unlink()
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        (journal.folder / entry.original).replace(target)


def _is_original(journal: Journal, entry: Entry) -> bool:
    """Tell whether the file is still the one that was there before, whatever it holds by now."""
    original, target = journal.folder / entry.original, journal.place(entry.target)
    return original.exists() and target.exists() and target.samefile(original)


def _put_aside(journal: Journal, entry: Entry) -> str:
    """Put the original beside its file and say what it is; nothing where it was put back once."""
    if entry.before is None:
        return "it was not there before"
    original, target = journal.folder / entry.original, journal.place(entry.target)
    aside = _beside(target, entry.before)
    if original.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        original.replace(aside)
    elif not aside.exists():  # undone once, and changed after that
        return ""
    # A link to the original shows also what was written to that, by who had it open.
    what = "what it was" if digest(content_of(aside)) == entry.before else "an earlier state of it"
    return f"{what} is in `{PurePosixPath(entry.target).with_name(aside.name).as_posix()}`"


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
