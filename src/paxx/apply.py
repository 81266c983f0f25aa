"""Write a plan to disk: all of its files, or none."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from paxx.changes import FileChange, Plan
from paxx.errors import ApplyError, PreconditionError, RollbackError


@dataclass(slots=True)
class _Journal:
    """How to undo what was done so far, the latest first."""

    undo: list[Callable[[], object]] = field(default_factory=list)

    def roll_back(self) -> list[str]:
        failures = []
        while self.undo:
            try:
                self.undo.pop()()
            except OSError as error:
                failures.append(str(error))
        return failures


def commit(plan: Plan) -> None:
    """Write every file of the plan; on any exception put everything back and raise.

    New content goes to a temporary file beside its target first, so that a reader never sees
    half a file. Symbolic links are followed, file modes are kept. Raises PreconditionError when
    a file is no longer as it was planned, ApplyError when writing failed, RollbackError when
    something could not be put back; an interrupt is passed on after the roll-back.
    """
    journal = _Journal()
    try:
        staged = [(_stage(plan.root, change, journal), change) for change in plan.changes]
        for temporary, change in staged:
            _replace(temporary, plan.root / change.path, change, journal)
    except BaseException as error:
        failures = journal.roll_back()
        if failures:
            raise RollbackError(
                f"{error}; could not be put back: {'; '.join(failures)}",
                hint="compare these files with your version control",
            ) from error
        if isinstance(error, OSError):
            raise ApplyError(
                f"{error.strerror or error}; nothing was changed", path=_path_of(error)
            ) from error
        raise


def _stage(root: Path, change: FileChange, journal: _Journal) -> Path:
    target = (root / change.path).resolve()
    current = target.read_bytes() if target.exists() else None
    if current != change.before:
        raise PreconditionError(
            "this file changed while the command ran; nothing was written",
            path=change.path,
            hint="run the command again",
        )
    _make_directory(target.parent, journal)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.paxx")
    journal.undo.append(lambda: temporary.unlink(missing_ok=True))
    temporary.write_bytes(change.after)
    if current is not None:
        temporary.chmod(target.stat().st_mode & 0o7777)
    elif change.executable:
        temporary.chmod(0o755)
    return temporary


def _make_directory(directory: Path, journal: _Journal) -> None:
    missing = [each for each in (directory, *directory.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir()
        journal.undo.append(each.rmdir)


def _replace(temporary: Path, path: Path, change: FileChange, journal: _Journal) -> None:
    target = path.resolve()
    # Known before the replacement: an interrupt right behind it is undone as well.
    journal.undo.append(lambda: _restore(target, change))
    temporary.replace(target)


def _restore(target: Path, change: FileChange) -> None:
    if change.before is None:
        target.unlink(missing_ok=True)
        return
    if target.read_bytes() == change.before:
        return
    mode = target.stat().st_mode
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.paxx")
    temporary.write_bytes(change.before)
    temporary.chmod(mode & 0o7777)
    temporary.replace(target)


def _path_of(error: OSError) -> str | None:
    return None if error.filename is None else str(error.filename)
