"""Everything that paxx shows: reports, lists and errors, for people or as one JSON document.

With `--json` stdout carries exactly that document and all talk goes to stderr.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from paxx.changes import CommandRun, FileChange, Plan, Report, Result, Status, Step
from paxx.errors import ExitCode, PaxxError

if TYPE_CHECKING:
    from paxx.listing import Entry

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Form:
    """How to show a report."""

    diff: bool = False
    check: bool = False
    json: bool = False


def show_report(report: Report, form: Form) -> int:
    """Show what a command planned or did, and return its exit code."""
    code = _exit_code(report, check=form.check)
    if form.json:
        _print_json(_document(report, code))
    elif form.diff:
        _print_diff(report.plan)
    else:
        for line in _lines(report):
            click.echo(line)
    return code


def show_listing(entries: "tuple[Entry, ...]", *, as_json: bool) -> int:
    """Show the components and what this project has of them."""
    if as_json:
        components = [
            {
                "name": entry.name,
                "summary": entry.summary,
                "state": entry.state,
                "version": entry.version,
                "requires": list(entry.requires),
            }
            for entry in entries
        ]
        _print_json({"schema": SCHEMA, "command": "infra list", "components": components})
        return ExitCode.DONE
    rows = [(each.name, each.state, ", ".join(each.requires), each.summary) for each in entries]
    for row in _aligned([("NAME", "STATE", "REQUIRES", "SUMMARY"), *rows]):
        click.echo(row)
    return ExitCode.DONE


def show_error(error: PaxxError, *, as_json: bool) -> int:
    """Show an error and its way out, and return its exit code."""
    click.echo(f"{click.style('error', fg='red', bold=True)}: {error}", err=True, color=_colour())
    if error.hint:
        hint = click.style("hint", fg="cyan", bold=True)
        click.echo(f"{hint}: {error.hint}", err=True, color=_colour())
    if as_json:
        details = {
            "message": error.message,
            "hint": error.hint,
            "path": error.path,
            "line": error.line,
        }
        _print_json(
            {"schema": SCHEMA, "status": "failed", "exit_code": error.code, "error": details}
        )
    return error.code


def _exit_code(report: Report, *, check: bool) -> ExitCode:
    if check:
        pending = report.plan.changes or report.plan.manual
        return ExitCode.WOULD_CHANGE if pending else ExitCode.DONE
    failed = any(run.result is Result.FAILED for run in report.runs)
    if report.applied and (report.plan.manual or failed):
        return ExitCode.PENDING
    return ExitCode.DONE


def _document(report: Report, code: ExitCode) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "command": report.command,
        "status": _status(report),
        "exit_code": int(code),
        "project": {"root": str(report.plan.root)},
        "components": list(report.plan.components),
        "changes": [_change(change) for change in report.plan.changes],
        "steps": [_step(step) for step in report.plan.steps],
        "runs": [
            {"command": str(run), "result": run.result, "reason": run.reason} for run in report.runs
        ],
        "warnings": list(report.plan.warnings),
        "next_steps": list(report.plan.next_steps),
        "error": None,
    }


def _status(report: Report) -> str:
    if not report.plan.changes:
        return "unchanged"
    return "applied" if report.applied else "planned"


def _change(change: FileChange) -> dict[str, str]:
    from paxx import diff

    action = "create" if change.before is None else "edit"
    return {"path": change.path, "action": action, "diff": "".join(diff.of_change(change))}


def _step(step: Step) -> dict[str, str]:
    return {
        "component": step.component,
        "kind": step.kind,
        "path": step.path,
        "key": step.key,
        "status": step.status,
        "note": step.note,
        "snippet": step.snippet,
    }


def _print_json(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, indent=2))


def _print_diff(plan: Plan) -> None:
    from paxx import diff

    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in diff.render(plan).splitlines(keepends=True):
        heading = line.startswith(("+++", "---"))
        styled = click.style(line, fg=None if heading else colours.get(line[0]), bold=heading)
        click.echo(styled, nl=False, color=_colour())


def _colour() -> bool | None:
    # None lets click decide: colour on a terminal alone. https://no-color.org
    return False if os.environ.get("NO_COLOR") else None


def _lines(report: Report) -> Iterator[str]:
    plan = report.plan
    yield _headline(report)
    yield from _aligned(_file_rows(plan))
    for step in plan.steps:
        if step.status is Status.KEPT:
            yield f"kept: `{step.key}` in `{step.path}`: {step.note}"
    for warning in plan.warnings:
        yield f"warning: {warning}"
    for run in report.runs:
        yield _run_line(run)
    yield from _manual_lines(plan.manual)
    yield from _next_lines(report)


def _headline(report: Report) -> str:
    names = ", ".join(f"`{name}`" for name in report.plan.components)
    what = "project" if report.command == "bootstrap" else names
    if report.command == "bootstrap" and names:
        what = f"project with {names}"
    place = f"in `{report.plan.root}`"
    if not report.plan.changes:
        return f"nothing to do: {what} {place}"
    done, planned = (
        ("wrote", "would write") if report.command == "bootstrap" else ("added", "would add")
    )
    return f"{done if report.applied else planned} {what} {place}"


def _file_rows(plan: Plan) -> list[tuple[str, ...]]:
    if all(change.before is None for change in plan.changes) and len(plan.changes) > 20:
        return _folder_rows(plan)
    rows: list[tuple[str, ...]] = []
    for change in plan.changes:
        if change.path.startswith(".paxx/"):
            continue
        action = "create" if change.before is None else "edit"
        keys = [
            f"{step.kind} {step.key}"
            for step in plan.steps
            if step.path == change.path and step.kind != "file" and step.status is Status.PLANNED
        ]
        rows.append(("", action, change.path, "; ".join(keys)))
    return rows


def _folder_rows(plan: Plan) -> list[tuple[str, ...]]:
    counts: dict[str, int] = {}
    for change in plan.changes:
        top, slash, _ = change.path.partition("/")
        counts[top + slash] = counts.get(top + slash, 0) + 1
    return [
        ("", "create", name, f"{count} files" if name.endswith("/") else "")
        for name, count in counts.items()
    ]


def _run_line(run: CommandRun) -> str:
    if run.result is Result.DONE:
        return f"ran `{run}`"
    if run.result is Result.SKIPPED:
        return f"skipped `{run}`: {run.reason}"
    return f"failed: `{run}`: {run.reason}"


def _manual_lines(manual: tuple[Step, ...]) -> Iterator[str]:
    for step in manual:
        yield ""
        yield f"by hand: {step.kind} `{step.key}` in `{step.path}`: {step.note}"
        yield from (f"    {line}" for line in step.snippet.splitlines())


def _next_lines(report: Report) -> Iterator[str]:
    steps = list(report.plan.next_steps)
    if report.command == "bootstrap":
        steps = [f"cd {report.plan.root}", "uv run uvicorn main:app --reload", *steps]
    steps = [str(run) for run in report.runs if run.result is Result.FAILED] + steps
    if report.applied and steps:
        yield ""
        yield "next:"
        yield from (f"  {step}" for step in steps)


def _aligned(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
