"""Reports and lists as lines for people."""

import shlex
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from paxx.changes import USE, CommandRun, Plan, Report, Result, Status, Step, Undone
from paxx.cli import tree
from paxx.cli.streams import styled
from paxx.cli.width import aligned, cut, wrapped
from paxx.errors import PaxxError
from paxx.strictness import PlanRefused, StillUsed
from paxx.titles import titles

if TYPE_CHECKING:
    from paxx.listing import Entry

INSTALL = "pip install uv && uv sync"


def of_report(report: Report) -> Iterator[str]:
    """Yield what a command planned or did, the manual steps, and what comes next."""
    plan = report.plan
    if report.recovered is not None:
        yield from of_recovery(report.recovered)
    for line in wrapped(_headline(report)):
        yield styled(line, fg=_colour(report), bold=True)
    yield from tree.of_plan(plan)
    yield from _remarks(plan)
    for run in report.runs:
        yield from _run_lines(run)
    yield from manual_lines(plan.manual)
    for line in plan.news:
        yield from wrapped(f"new in {line}")
    for step in plan.conflicts:
        yield from marked("conflict", "red", f"`{step.path}`: {step.note}")
    yield from _next_lines(report)
    if plan.changes:
        yield ""
        yield from _summary(report)


def _remarks(plan: Plan) -> Iterator[str]:
    kept = (_kept_line(step) for step in plan.steps if step.status is Status.KEPT)
    for line in dict.fromkeys(kept):
        yield from wrapped(line)
    for line in dict.fromkeys(plan.warnings):
        yield from marked("warning", "yellow", line)


def of_recovery(undone: Undone | None) -> Iterator[str]:
    """Yield what was put back of a command that was killed."""
    if undone is None:
        yield "nothing to recover"
        return
    restored = ", ".join(f"`{path}`" for path in undone.restored) or "nothing"
    yield from wrapped(f"a command was killed here and is undone; put back: {restored}")
    for each in undone.left:
        yield from wrapped(f"`{each.path}` was changed since and is left; {each.note}")


def of_listing(entries: "tuple[Entry, ...]") -> Iterator[str]:
    """Yield the components and what the project has of them, in columns where they fit."""
    rows = [(each.name, _state(each), _summary_of(each)) for each in entries]
    table = cut([("NAME", "STATE", "SUMMARY"), *rows])
    if table:
        yield from table
        return
    for name, state, summary in rows:
        yield from wrapped(f"{name}: {state}")
        yield from wrapped(summary, indent=4, hang=0)


def _summary_of(entry: "Entry") -> str:
    needed = f" (requires {', '.join(entry.requires)})" if entry.requires else ""
    return entry.summary + needed


def of_error(error: PaxxError) -> Iterator[str]:
    """Yield an error, what it leaves to the user, and its way out."""
    if isinstance(error.recovered, Undone):
        yield from of_recovery(error.recovered)
    yield from marked("error", "red", str(error))
    if isinstance(error, StillUsed):
        yield from aligned((f"  {step.path}", step.note, step.key) for step in error.reasons)
    elif isinstance(error, PlanRefused):
        yield from manual_lines(error.reasons)
        yield ""
    if error.hint:
        yield from marked("hint", "cyan", error.hint)


def of_hindrance(error: PaxxError) -> Iterator[str]:
    """Yield what keeps commands from changing a project, and the way out."""
    yield from marked("warning", "yellow", str(error))
    yield from marked("hint", "cyan", error.hint or "")


def marked(word: str, colour: str | None, message: str, *, colon: str = ":") -> Iterator[str]:
    """Yield the lines of a message that begins with a word in colour."""
    first, *rest = wrapped(f"{word}{colon} {message}")
    yield styled(word, first.removeprefix(word), fg=colour, bold=True)
    yield from rest


_DONE = {"create": "created", "edit": "edited", "delete": "deleted"}

_VERBS = {
    "bootstrap": ("wrote", "would write"),
    "feature add": ("added", "would add"),
    "feature create": ("created", "would create"),
    "feature remove": ("removed", "would remove"),
    "infra add": ("added", "would add"),
    "infra remove": ("removed", "would remove"),
    "infra upgrade": ("upgraded", "would upgrade"),
    "infra upgrade --continue": ("finished upgrading", "would finish upgrading"),
    "infra upgrade --abort": ("went back from upgrading", "would go back from upgrading"),
}


def _state(entry: "Entry") -> str:
    if entry.state == "available":
        return entry.state
    newer = f" ({entry.available} available)" if entry.available else ""
    return f"{entry.state} {entry.version}{newer}"


def _headline(report: Report) -> str:
    names = titles(report.plan.components)
    what = names or "components"
    if report.command == "bootstrap":
        what = f"project with {names}" if names else "project"
    place = f"in `{report.plan.root}`"
    if not report.plan.changes:
        return f"nothing to do: {names} {place}" if names else f"nothing to do {place}"
    done, planned = _VERBS[report.command]
    return f"{done if report.applied else planned} {what} {place}"


def _colour(report: Report) -> str | None:
    if not report.plan.changes:
        return None
    return "green" if report.applied and not _remaining(report) else "yellow"


def _summary(report: Report) -> Iterator[str]:
    """Yield the last line: what was written, and what remains."""
    if not report.applied:
        yield from marked("preview", "yellow", "nothing was written")
        return
    paths = {each.path: each.action for each in report.plan.changes}
    actions = Counter(action for path, action in paths.items() if not path.startswith(".paxx/"))
    written = ", ".join(
        f"{_count(number, 'file')} {_DONE[each]}" for each, number in actions.items()
    )
    remaining = _remaining(report)
    rest = f"; remaining: {remaining}" if remaining else ""
    yield from marked("done", _colour(report), f"{written or 'only `.paxx/` changed'}{rest}")


def _remaining(report: Report) -> str:
    failed = [run for run in report.runs if run.result is Result.FAILED]
    plan = report.plan
    groups = (
        ("manual step", plan.manual),
        ("conflict", plan.conflicts),
        ("failed command", failed),
    )
    return ", ".join(_count(len(found), what) for what, found in groups if found)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _kept_line(step: Step) -> str:
    what = f"`{step.key}` in " if step.key != step.path else ""
    return f"kept: {what}`{step.path}`: {step.note}"


def _run_lines(run: CommandRun) -> Iterator[str]:
    if run.result is Result.DONE:
        yield from wrapped(f"ran `{run}`")
    elif run.result is Result.SKIPPED:
        yield from marked("skipped", "yellow", f"`{run}`: {run.reason}", colon="")
    else:
        yield from marked("failed", "red", f"`{run}`: {run.reason}")


def manual_lines(manual: tuple[Step, ...]) -> Iterator[str]:
    """Yield the manual steps, with the exact lines."""
    for step in manual:
        yield ""
        what = f"{step.kind} `{step.key}` in " if step.key != step.path else ""
        text = f"{what}`{step.path}`: {step.note}"
        if step.kind == USE:
            text = f"`{step.path}` still uses `{step.key}`: {step.note}"
        yield from marked("manual step", "yellow", text)
        yield from (f"    {line}" for line in step.snippet.splitlines())


def _next_lines(report: Report) -> Iterator[str]:
    if not report.applied:
        return
    steps = [*dict.fromkeys(_open_runs(report)), *report.plan.next_steps]
    if report.command == "bootstrap":
        steps = [*_way_to(report.plan.root), *steps, "paxx start"]
    if steps:
        yield ""
        yield styled("next:", bold=True)
        yield from (f"  {step}" for step in steps)
    if report.command == "infra add":
        yield from _usage_lines(report.plan)


def _usage_lines(plan: Plan) -> Iterator[str]:
    for name, code in plan.usage:
        yield ""
        yield from wrapped(f"use `{name}`; `paxx infra show {name}` shows more:", hang=0)
        yield from (f"    {line}" for line in code.splitlines())


def _way_to(root: Path) -> Iterator[str]:
    here = Path.cwd()
    if root != here:
        folder = root.relative_to(here) if root.is_relative_to(here) else root
        yield f"cd {shlex.quote(str(folder))}"


def _open_runs(report: Report) -> Iterator[str]:
    """Yield how to do what a command that paxx ran, or did not run, left undone."""
    for run in report.runs:
        if run.command[0] == "uv" and run.result is not Result.DONE:
            is_missing = run.result is Result.SKIPPED and not shutil.which("uv")
            yield INSTALL if is_missing else "uv sync"
        elif run.result is Result.FAILED:
            yield str(run)
