"""Write a plan to disk: all of its files, or none."""

from pathlib import Path

from paxx import disk, journal, rollback, signals
from paxx.changes import FileChange, Plan, Undone
from paxx.errors import ApplyError, PreconditionError, RollbackError
from paxx.journal import Entry, Journal


def commit(plan: Plan) -> None:
    """Write, replace and remove the files of the plan; on any exception put everything back.

    What is needed to undo it is on disk before the first file changes, so that a command can put
    right what a killed one left (`recover`). New content goes to a temporary file beside its
    target, so that a reader never sees half a file. Symbolic links are followed, permissions are
    kept. Raises PreconditionError when a file is no longer as it was planned, ApplyError when
    writing failed, RollbackError when something could not be put back; SIGINT, SIGTERM and SIGHUP
    become a KeyboardInterrupt, which is passed on after the roll-back.
    """
    journal.check_none(plan.root)
    planned = journal.plan(plan.root, plan.changes)
    with signals.as_interrupts() as interruption:
        try:
            for change, entry in zip(plan.changes, planned.files, strict=True):
                _check(plan.root, change, entry)
            rollback.sweep(plan.root)
            journal.write(planned)
            _write(plan, planned)
            rollback.finish(planned)
        except BaseException as error:
            interruption.waits = True
            _undo(planned, error)
            raise
        interruption.waits = True
        rollback.sweep(planned.root)


def recover(root: Path) -> Undone | None:
    """Undo what a killed command left half-done; None where there is nothing to do.

    Raises RollbackError when a file cannot be put back, FileSyntaxError for a damaged journal,
    PreconditionError for one that this user did not write on this machine.
    """
    left_behind = journal.load(root)
    if left_behind is None:
        rollback.sweep(root)
        return None
    try:
        return rollback.undo(left_behind)
    except OSError as error:
        raise _incomplete(error) from error


def _check(root: Path, change: FileChange, entry: Entry) -> None:
    if journal.content_of(root / entry.target) != change.before:
        raise PreconditionError(
            "this file changed while the command ran; nothing was written",
            path=change.path,
            hint="run the command again",
        )


def _write(plan: Plan, planned: Journal) -> None:
    for directory in planned.new_directories:
        directory.mkdir(exist_ok=True)  # the journal needed some of them
    pairs = list(zip(plan.changes, planned.files, strict=True))
    for change, entry in pairs:
        if change.after is not None:
            mode = _mode(plan.root / entry.target, change)
            disk.write(plan.root / entry.temporary, change.after, mode)
    for change, entry in pairs:
        _check(plan.root, change, entry)  # again, because the replacement would lose an edit
        _put_in_place(plan.root, change, entry)
    _prune(planned)


def _put_in_place(root: Path, change: FileChange, entry: Entry) -> None:
    target = root / entry.target
    if change.after is not None:
        (root / entry.temporary).replace(target)
    else:
        target.unlink()


def _mode(target: Path, change: FileChange) -> int | None:
    if change.before is not None:
        return target.stat().st_mode & 0o7777
    return 0o755 if change.executable else None


def _undo(planned: Journal, error: BaseException) -> None:
    """Put everything back; raises what the user has to see instead of the error, if anything."""
    try:
        rollback.undo(planned)
    except (OSError, PreconditionError) as failure:
        raise _incomplete(failure) from error
    if isinstance(error, OSError):
        path = None if error.filename is None else str(error.filename)
        message = f"{error.strerror or error}; nothing was changed"
        raise ApplyError(message, path=path) from error


def _incomplete(error: OSError | PreconditionError) -> RollbackError:
    reason = getattr(error, "strerror", None) or error
    filename = getattr(error, "filename", None)
    return RollbackError(
        f"{reason}; not everything could be put back",
        path=None if filename is None else str(filename),
        hint=f"remove the cause, then `paxx recover`; the originals are in `{journal.FOLDER}`",
    )


def _prune(planned: Journal) -> None:
    # A directory that only held what was removed goes with it, as git sees it.
    for entry in planned.files:
        if entry.after is None:
            for directory in Path(entry.target).parents[:-1]:
                if not disk.remove_directory(planned.root / directory):
                    break
