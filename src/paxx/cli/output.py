"""Everything that paxx shows: reports, lists and errors, for people or as one JSON document.

With `--json` stdout carries exactly that document and all talk goes to stderr.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from paxx.changes import Plan, Report, Result, Status, Undone
from paxx.errors import ExitCode, PaxxError

if TYPE_CHECKING:
    from paxx.listing import Entry
    from paxx.status import ProjectStatus


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
        from paxx.cli import document

        click.echo(document.of_report(report, code))
    elif form.diff:
        _print_diff(report.plan)
    else:
        from paxx.cli import text

        _echo_lines(text.of_report(report))
    return code


def show_listing(entries: "tuple[Entry, ...]", *, as_json: bool) -> int:
    """Show the components and what this project has of them."""
    if as_json:
        from paxx.cli import document

        click.echo(document.of_listing(entries))
    else:
        from paxx.cli import text

        _echo_lines(text.of_listing(entries))
    return ExitCode.DONE


def show_status(status: "ProjectStatus", *, as_json: bool) -> int:
    """Show what a project has of its components; the exit code tells whether something is left."""
    code = ExitCode.PENDING if any(each.pending for each in status.components) else ExitCode.DONE
    code = ExitCode.CONFLICTS if status.conflicts else code
    if as_json:
        from paxx.cli import document

        click.echo(document.of_status(status, code))
    else:
        from paxx.cli import text

        _echo_lines(text.of_status(status))
    return code


def show_recovery(undone: Undone | None, *, as_json: bool) -> int:
    """Show what was put back of a command that was killed."""
    if as_json:
        from paxx.cli import document

        click.echo(document.of_recovery(undone))
    else:
        from paxx.cli import text

        _echo_lines(text.of_recovery(undone))
    return ExitCode.PENDING if undone and undone.left else ExitCode.DONE


def show_error(error: PaxxError, *, as_json: bool) -> int:
    """Show an error and its way out, and return its exit code."""
    click.echo(f"{click.style('error', fg='red', bold=True)}: {error}", err=True, color=_colour())
    if error.hint:
        hint = click.style("hint", fg="cyan", bold=True)
        click.echo(f"{hint}: {error.hint}", err=True, color=_colour())
    if as_json:
        from paxx.cli import document

        click.echo(document.of_error(error))
    return error.code


def _echo_lines(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _exit_code(report: Report, *, check: bool) -> ExitCode:
    if check:
        pending = report.plan.changes or report.plan.manual
        return ExitCode.WOULD_CHANGE if pending else ExitCode.DONE
    if report.applied and any(step.status is Status.CONFLICT for step in report.plan.steps):
        return ExitCode.CONFLICTS
    failed = any(run.result is Result.FAILED for run in report.runs)
    if report.applied and (report.plan.manual or failed):
        return ExitCode.PENDING
    return ExitCode.DONE


def _print_diff(plan: Plan) -> None:
    from paxx import diff

    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in diff.render(plan):
        heading = line.startswith(("+++", "---"))
        styled = click.style(line, fg=None if heading else colours.get(line[0]), bold=heading)
        click.echo(styled, nl=False, color=_colour())


def _colour() -> bool | None:
    # None lets click decide: colour on a terminal alone. https://no-color.org
    return False if os.environ.get("NO_COLOR") else None
