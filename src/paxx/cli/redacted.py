"""Reports and errors without the secrets of the project that they speak of."""

import contextlib
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from paxx import project
from paxx.changes import Plan, Report, Step
from paxx.errors import PaxxError
from paxx.redaction import redact, secrets_in
from paxx.strictness import PlanRefused

if TYPE_CHECKING:
    from paxx.status import ProjectStatus

_FILES = (".env", ".env.example", "pyproject.toml", "settings.py", *project.COMPOSE_FILES)
"""Where secrets are that no step of a report need name."""


def secrets_of(report: Report) -> frozenset[str]:
    """Return the values of the secrets in the user's files that a report is about."""
    plan = report.plan
    before = {change.path: change.before for change in plan.changes}
    # What a component brought is no secret; a file of it that is changed is in `before`.
    edited = {step.path for step in plan.steps if step.kind != "file"}
    paths = {*_FILES, *edited} - before.keys()
    found = _secrets(plan.root, paths)
    for path, content in before.items():
        found |= secrets_in((content or b"").decode(errors="replace"), path)
    return found


def of_report(report: Report, secrets: Collection[str]) -> Report:
    """Return the report with its texts redacted; contents of files are for `diff` to redact."""
    runs = tuple(replace(run, reason=redact(run.reason, known=secrets)) for run in report.runs)
    return replace(report, plan=_plan(report.plan, secrets), runs=runs)


def _plan(plan: Plan, secrets: Collection[str]) -> Plan:
    return replace(
        plan,
        steps=tuple(_step(step, secrets) for step in plan.steps),
        warnings=tuple(redact(each, known=secrets) for each in plan.warnings),
        next_steps=tuple(redact(each, known=secrets) for each in plan.next_steps),
    )


def _step(step: Step, secrets: Collection[str]) -> Step:
    return replace(
        step,
        note=redact(step.note, known=secrets),
        # What the user has to add is data of the component, and has to be exact.
        snippet=redact(step.snippet, step.path, secrets, is_ours=True),
    )


def of_status(status: "ProjectStatus") -> "ProjectStatus":
    """Return the status with the texts of its steps redacted."""
    steps = [step for each in status.components for step in each.pending]
    secrets = _secrets(status.root, {*_FILES, *(step.path for step in steps)})
    components = (
        replace(each, pending=tuple(_step(step, secrets) for step in each.pending))
        for each in status.components
    )
    return replace(status, components=tuple(components))


def of_error(error: PaxxError) -> PaxxError:
    """Return the error with its texts redacted."""
    secrets = secrets_here(error.path)
    error.message = redact(error.message, known=secrets)
    error.hint = error.hint and redact(error.hint, known=secrets)
    if isinstance(error, PlanRefused):
        error.plan = _plan(error.plan, secrets)
        error.reasons = tuple(_step(step, secrets) for step in error.reasons)
    return error


def secrets_here(*paths: str | None) -> frozenset[str]:
    """Return the values of the secrets in the project around the current directory."""
    try:
        root = directory = Path.cwd()
        with contextlib.suppress(PaxxError):
            root = project.root_of(directory)
    except FileNotFoundError:  # a directory that is gone holds nothing
        return frozenset()
    return _secrets(root, {*_FILES, *filter(None, paths)})


def _secrets(root: Path, paths: Iterable[str]) -> frozenset[str]:
    read = project.reader_of(root)
    found: frozenset[str] = frozenset()
    for path in paths:
        with contextlib.suppress(PaxxError):
            found |= secrets_in((read(path) or b"").decode(errors="replace"), path)
    return found
