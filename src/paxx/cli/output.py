"""Everything that paxx shows: reports, lists and errors, for people or as one JSON document.

With `--json` stdout carries exactly that document and all talk goes to stderr. Values of secrets
are shown in neither.
"""

import traceback
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paxx.changes import Plan, Report, Result, Undone
from paxx.cli import streams
from paxx.errors import ExitCode, PaxxError
from paxx.redaction import redact

if TYPE_CHECKING:
    from paxx.listing import Listing
    from paxx.status import ProjectStatus


@dataclass(frozen=True, slots=True)
class Form:
    """How to show a report; `records` adds what lies in `.paxx/` to a diff."""

    diff: bool = False
    records: bool = False
    check: bool = False
    json: bool = False


def show_report(report: Report, form: Form) -> int:
    """Show what a command planned or did, and return its exit code."""
    from paxx.cli import redacted

    code = _exit_code(report, check=form.check)
    secrets = redacted.secrets_of(report)
    report = redacted.of_report(report, secrets)
    if form.json:
        from paxx.cli import document

        streams.write(document.of_report(report, code, secrets))
    elif form.diff:
        _show_diff(report.plan, secrets, records=form.records)
    else:
        from paxx.cli import text

        _write_lines(text.of_report(report))
    is_applied = report.applied and report.plan.changes
    return settled(code, "the command was applied" if is_applied else "nothing was changed")


def _show_diff(plan: Plan, secrets: Collection[str], *, records: bool) -> None:
    from paxx import diff

    lines = list(diff.render(plan, secrets, records=records))
    streams.page(_coloured(lines))
    if plan.changes and not lines:
        hint = "only records in `.paxx/` would change; `--full-diff` shows them"
        streams.write(hint, err=True)


def settled(code: int, outcome: str | None = None) -> int:
    """Return the exit code of a command, after telling of output that could not be written.

    `outcome` is what the command came to all the same.
    """
    reason = streams.lost()
    if reason is None:
        return code
    hint = outcome or f"but for that the command ended with exit code {code}"
    message = f"the output could not be written: {reason}"
    show_error(PaxxError(message, hint=hint), command=None, as_json=False)
    return code or ExitCode.UNWRITTEN


def show_listing(listing: "Listing", *, as_json: bool) -> int:
    """Show the components, what this project has of them, and what keeps it from changes."""
    from paxx.cli import text

    if as_json:
        from paxx.cli import document

        streams.write(document.of_listing(listing.entries))
    else:
        _write_lines(text.of_listing(listing.entries))
    for error in listing.hindrances:
        _write_lines(text.of_hindrance(error), err=True)
    return ExitCode.DONE


def show_status(status: "ProjectStatus", *, as_json: bool) -> int:
    """Show what a project has of its components; the exit code tells whether something is left."""
    code = ExitCode.PENDING if any(each.pending for each in status.components) else ExitCode.DONE
    code = ExitCode.CONFLICTS if status.conflicts else code
    from paxx.cli import redacted

    status = redacted.of_status(status)
    if as_json:
        from paxx.cli import document

        streams.write(document.of_status(status, code))
    else:
        from paxx.cli import status_text

        _write_lines(status_text.of_status(status))
    return code


def show_recovery(undone: Undone | None, *, as_json: bool) -> int:
    """Show what was put back of a command that was killed."""
    code = ExitCode.PENDING if undone and undone.left else ExitCode.DONE
    if as_json:
        from paxx.cli import document

        streams.write(document.of_recovery(undone, code))
    else:
        from paxx.cli import text

        _write_lines(text.of_recovery(undone))
    return code


def show_error(error: PaxxError, *, command: str | None, as_json: bool) -> int:
    """Show an error and its way out, and return its exit code; `command` is where it happened."""
    from paxx.cli import redacted, text

    error = redacted.of_error(error)
    _write_lines(text.of_error(error), err=True)
    if as_json:
        from paxx.cli import document

        streams.write(document.of_error(error, command))
    return error.code


def show_traceback(error: Exception) -> None:
    """Show where in paxx an error comes from."""
    from paxx.cli import redacted

    trace = "".join(traceback.format_exception(error))
    streams.write(redact(trace, known=redacted.secrets_here(), is_ours=True), err=True)


def _write_lines(lines: Iterable[str], *, err: bool = False) -> None:
    for line in lines:
        streams.write(line, err=err)


def _exit_code(report: Report, *, check: bool) -> ExitCode:
    if check:
        pending = report.plan.changes or report.plan.manual
        return ExitCode.WOULD_CHANGE if pending else ExitCode.DONE
    if report.applied and report.plan.conflicts:
        return ExitCode.CONFLICTS
    failed = any(run.result is Result.FAILED for run in report.runs)
    if report.applied and (report.plan.manual or failed):
        return ExitCode.PENDING
    return ExitCode.DONE


def _coloured(lines: Iterable[str]) -> Iterator[str]:
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in lines:
        heading = line.startswith(("+++", "---"))
        colour = None if heading else colours.get(line[0])
        yield streams.styled(line.removesuffix("\n"), fg=colour, bold=heading or None)
