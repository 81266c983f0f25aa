"""What can go wrong, and the exit code that each kind stands for.

PaxxError                   1   a bug in paxx or a component; nothing is left half-written
├─ UsageError               2   the command line is wrong, or an answer is missing
├─ UnsupportedProject       3   not a project that paxx knows
├─ FileSyntaxError          3   a file does not parse
├─ PreconditionError        4   something must be settled before anything can be written
├─ UnresolvedError          6   an upgrade waits for its conflicts
├─ ApplyError               7   writing failed and everything was put back
│  └─ RollbackError         8   writing failed and something could not be put back
└─ Interrupted            130   by a signal or by Ctrl-C; everything was put back
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    """Applied, or nothing to do."""
    INTERNAL = 1
    """A bug: nothing is left half-written."""
    USAGE = 2
    """Wrong command line, or an answer is missing without a terminal."""
    PROJECT = 3
    """Not a project that paxx knows, or a file that does not parse."""
    PRECONDITION = 4
    """Uncommitted changes, unmet requirement, missing permission."""
    PENDING = 5
    """Applied, but manual steps remain."""
    CONFLICTS = 6
    """Conflicts to resolve."""
    FAILED = 7
    """Failed while writing; everything was put back."""
    ROLLBACK_INCOMPLETE = 8
    """Failed while writing, and something could not be put back."""
    UNWRITTEN = 9
    """As 0, but the output could not be written."""
    WOULD_CHANGE = 10
    """`--check`: the command would change something."""
    INTERRUPTED = 130
    """Interrupted; everything was put back."""


class PaxxError(Exception):
    """An error that the user sees as `error: …` and, when there is a way out, `hint: …`.

    `path` and `line` say where; `line` counts from 1.
    """

    code: ExitCode = ExitCode.INTERNAL

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        path: str | None = None,
        line: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.path = path
        self.line = line
        self.recovered: object = None
        """What the command put back of one that was killed, before it failed: an `Undone`."""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line) if part is not None)
        return f"{place}: {self.message}" if place else self.message

    def in_file(self, path: str) -> "PaxxError":
        """Return this error with the path of the file it speaks of, unless it has one."""
        self.path = self.path or path
        return self


class UsageError(PaxxError):
    """The command line is wrong, or an answer is missing."""

    code = ExitCode.USAGE


class UnsupportedProject(PaxxError):  # noqa: N818 - reads as a sentence where it is raised
    """The directory is not a project that paxx knows how to edit."""

    code = ExitCode.PROJECT


class FileSyntaxError(PaxxError):
    """A file of the project does not parse."""

    code = ExitCode.PROJECT

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = "correct the file and run the command again",
        path: str | None = None,
        line: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint, path=path, line=line)


class PreconditionError(PaxxError):
    """Something must be settled before anything can be written."""

    code = ExitCode.PRECONDITION


class UnresolvedError(PaxxError):
    """An upgrade waits for the user to resolve its conflicts."""

    code = ExitCode.CONFLICTS


class ApplyError(PaxxError):
    """Writing failed; every file is as it was before."""

    code = ExitCode.FAILED


class RollbackError(ApplyError):
    """Writing failed, and at least one file could not be put back."""

    code = ExitCode.ROLLBACK_INCOMPLETE


class Interrupted(PaxxError):  # noqa: N818 - what happened, not a mistake
    """A signal or Ctrl-C ended the command; every file is as it was before."""

    code = ExitCode.INTERRUPTED
