"""Hold a project while a command writes, and put right what a killed one left half-done."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from paxx import apply, journal, lock
from paxx.changes import Undone
from paxx.errors import PaxxError
from paxx.plan import unfinished
from paxx.project import Project


def recover(root: Path) -> Undone | None:
    """Undo what a killed command left half-done in a project; None where there is nothing.

    Raises PreconditionError while another command is at work, RollbackError when a file cannot
    be put back.
    """
    with lock.held(root):
        return apply.recover(root)


@contextlib.contextmanager
def held(root: Path, *, preview: bool) -> Iterator[Undone | None]:
    """Hold the project and recover it, yielding what that came to; a preview only looks.

    Raises PreconditionError while another command is at work, or for a preview of a project that
    has to be recovered first.
    """
    if not preview:
        with lock.held(root):
            undone = apply.recover(root)
            try:
                yield undone
            except PaxxError as error:
                error.recovered = undone
                raise
        return
    check_none(root)
    yield None


def check_none(root: Path) -> None:
    """Raise PreconditionError where a command is at work or was killed half-way; only looks."""
    if journal.is_there(root):
        with lock.held(root, briefly=True):  # whoever writes holds it, and ends with its journal
            journal.check_none(root)


def hindrances(project: Project) -> Iterator[PaxxError]:
    """Yield what keeps every command from writing: one that is half-done, an upgrade that waits."""
    try:
        check_none(project.root)
    except PaxxError as error:
        yield error
    try:
        unfinished.check_none(project)
    except PaxxError as error:
        yield error
