"""The values that flow through the pipeline: outcomes of edits, steps, file changes, plans."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Patch:
    """Whole lines to find and what they were; `\\n` in both stands for the file's line ending.

    With `at_end` they have to be the last ones.
    """

    found: str
    restored: str
    at_end: bool = False


@dataclass(frozen=True, slots=True)
class Edited:
    """The edit was made; `text` is the whole new content.

    `left` are those of several entries that an inverse did not take out, as they are the user's;
    `note` says which of those to add were there in the user's way, and kept; `detail` names those
    that were missing beside others.
    """

    text: str
    left: tuple[str, ...] = ()
    note: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Already:
    """It is there, in whatever formatting; `note` says what of the user's was kept instead.

    `detail` says in what it differs from what was to be added.
    """

    note: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unable:
    """It cannot be done safely; `snippet` is the exact text for the user to add."""

    reason: str
    snippet: str


Outcome = Edited | Already | Unable


class Status(StrEnum):
    """What becomes of one step of a plan.

    It is carried out (`planned`, or `removed` where something goes), has been before (`already`),
    gives way to what the user has (`kept`), or is left to the user: `manual`, `conflict`.
    """

    PLANNED = "planned"
    REMOVED = "removed"
    ALREADY = "already"
    KEPT = "kept"
    MANUAL = "manual"
    CONFLICT = "conflict"


USE = "use"
"""The kind of a step that is no edit: a line of code that refers to what goes."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a component asks of one file, and what became of it.

    `note` says why something was kept or has to be done by hand; `snippet` is the text to add
    by hand, empty unless the status is MANUAL. `created` says that the edit made the file,
    `patches` what its inverse cannot know, `left` which of its entries were there before.
    `detail` names the entries that are missing, or what differs where something is there.
    """

    component: str
    kind: str
    path: str
    key: str
    status: Status
    note: str = ""
    snippet: str = ""
    created: bool = False
    patches: tuple[Patch, ...] = ()
    left: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class FileChange:
    """The new content of one file; `before` is None when it is new, `after` when it goes.

    `path` is relative to the root of the plan, with `/` on every system.
    """

    path: str
    before: bytes | None
    after: bytes | None
    executable: bool = False

    @property
    def action(self) -> str:
        """Return `create`, `edit` or `delete`."""
        if self.before is None:
            return "create"
        return "delete" if self.after is None else "edit"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a command is about to write, in the order in which it is written.

    `news` says what the new versions of upgraded components bring, `usage` is the code that uses
    what is added, by component.
    """

    root: Path
    components: tuple[str, ...]
    changes: tuple[FileChange, ...]
    steps: tuple[Step, ...]
    warnings: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    news: tuple[str, ...] = ()
    usage: tuple[tuple[str, str], ...] = ()

    @property
    def manual(self) -> tuple[Step, ...]:
        """Return the steps that are left to the user."""
        return tuple(step for step in self.steps if step.status is Status.MANUAL)

    @property
    def used(self) -> tuple[Step, ...]:
        """Return the lines of code that refer to what the plan removes."""
        return tuple(step for step in self.manual if step.kind == USE)

    @property
    def conflicts(self) -> tuple[Step, ...]:
        """Return the steps that wait for the user to resolve a conflict."""
        return tuple(step for step in self.steps if step.status is Status.CONFLICT)

    def change(self, path: str) -> FileChange | None:
        """Return the change to `path`, or None when it stays as it is."""
        return next((change for change in self.changes if change.path == path), None)


ASIDE = ".paxx-orig"
"""Suffix of the original of a file that was edited while it had to be put back."""

BESIDE = ".paxx-new"
"""Suffix of the new version of a file that could not be merged into the user's."""

MINE = ".paxx-mine"
"""Suffix of what the user made of a file that an aborted upgrade put back."""


class Result(StrEnum):
    """How a command that runs after the files are written ended."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CommandRun:
    """A command of another program that paxx ran, or did not run and why."""

    command: tuple[str, ...]
    result: Result
    reason: str = ""

    def __str__(self) -> str:
        return " ".join(self.command)


@dataclass(frozen=True, slots=True)
class Left:
    """A file that was not put back because somebody changed it since; `note` says what it was."""

    path: str
    note: str


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing came to: files put back, and files left because somebody changed them since."""

    restored: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What a command planned and what it did; `applied` is False for a preview.

    `recovered` is what an earlier, killed command had left half-done.
    """

    command: str
    plan: Plan
    applied: bool = True
    runs: tuple[CommandRun, ...] = ()
    recovered: Undone | None = None
