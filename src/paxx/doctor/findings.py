"""What an examination comes to."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Level(StrEnum):
    """What a finding means; a problem is what has to be settled."""

    OK = "ok"
    INFO = "info"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `hint` is the way out, `milliseconds` how long an answer took.

    Neither holds a password.
    """

    level: Level
    subject: str
    message: str
    hint: str | None = None
    milliseconds: float | None = None


def ok(subject: str, message: str, milliseconds: float | None = None) -> Finding:
    """Return what is as it should be."""
    return Finding(Level.OK, subject, message, None, milliseconds)


def info(subject: str, message: str, hint: str | None = None) -> Finding:
    """Return what one may want to know."""
    return Finding(Level.INFO, subject, message, hint)


def problem(subject: str, message: str, hint: str, milliseconds: float | None = None) -> Finding:
    """Return what has to be settled, and how."""
    return Finding(Level.PROBLEM, subject, message, hint, milliseconds)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything that was looked at in one project."""

    root: Path
    findings: tuple[Finding, ...]

    @property
    def is_healthy(self) -> bool:
        """Tell whether nothing has to be settled."""
        return all(finding.level is not Level.PROBLEM for finding in self.findings)
