"""What comes of a command on the database, for people or as one JSON document."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from paxx import project
from paxx.cli import db_text, document, redacted, streams
from paxx.database import failures, hazards
from paxx.database.answers import Hazard, History, Moved, Status, Written
from paxx.database.inquiry import Blocked, Side, Step, Waiting
from paxx.errors import ExitCode
from paxx.redaction import redact


@dataclass(frozen=True, slots=True)
class Form:
    """Of which command, in which project, and how it is shown."""

    command: str
    root: Path
    json: bool


def side() -> Side:
    """Return the project around the current directory; what it prints goes to stderr."""
    secrets = redacted.secrets_here()

    def talk(line: str) -> None:
        streams.write(redact(line, known=secrets), err=True)

    def blocked(event: Blocked) -> None:
        sessions = "; ".join(map(str, event.sessions))
        talk(f"waiting up to {event.seconds:g} s for a lock, blocked by {sessions}")

    return Side(project.root_of(Path.cwd()), talk, _waiting, blocked, _progress())


def _waiting(event: Waiting) -> None:
    holder = f" ({event.holder})" if event.holder else ""
    message = f"waiting up to {event.seconds:g} s for another migration to end{holder}"
    streams.write(message, err=True)


def _progress() -> Callable[[Step], None]:
    if not sys.stderr.isatty():
        return lambda _: None
    return lambda step: streams.write(f"running {step.revision} {step.message}", err=True)


def show_written(written: Written, form: Form, *, dry_run: bool) -> int:
    """Show the revisions that were written, or would be."""
    code = ExitCode.PENDING if written.problem else ExitCode.DONE
    secrets = redacted.secrets_here()
    drafts = [
        msgspec.structs.replace(each, content=redact(each.content, each.path, secrets))
        for each in written.written
    ]
    written = msgspec.structs.replace(written, written=tuple(drafts))
    if not form.json:
        return _lines(db_text.of_written(written, form.command, dry_run=dry_run), code)
    status = "planned" if dry_run else "applied"
    return _document(
        form,
        status if drafts else "unchanged",
        code,
        revisions=msgspec.to_builtins(drafts),
        not_compared=written.not_compared,
        warnings=[_warning(each) for each in written.warnings],
        problem=written.problem,
    )


def _warning(hazard: Hazard) -> dict[str, str | None]:
    message, hint = hazards.told(hazard)
    kind = hazard.kind.replace(" ", "-")
    place = {"table": hazard.table, "column": hazard.column}
    return {"kind": kind, **place, "message": message, "hint": hint}


def show_moved(moved: Moved, form: Form) -> int:
    """Show the revisions that were run."""
    if not form.json:
        return _lines(db_text.of_moved(moved, form.command), ExitCode.DONE)
    status = "applied" if moved.revisions or moved.dropped else "unchanged"
    return _document(form, status, ExitCode.DONE, **msgspec.to_builtins(moved))


def show_stamped(moved: Moved, form: Form, *, dry_run: bool) -> int:
    """Show the revision that was recorded, or would be."""
    is_changed = set(moved.before) != set(moved.after)
    if not form.json:
        return _lines(db_text.of_stamped(moved, dry_run=dry_run), ExitCode.DONE)
    status = ("planned" if dry_run else "applied") if is_changed else "unchanged"
    return _document(form, status, ExitCode.DONE, **msgspec.to_builtins(moved))


def show_sql(moved: Moved, form: Form) -> int:
    """Show the SQL that would be run; with known secrets hidden."""
    sql = redact(moved.sql or "", known=redacted.secrets_here(), is_ours=True)
    if not form.json:
        return _lines(sql.rstrip("\n").splitlines(), ExitCode.DONE)
    facts = msgspec.to_builtins(moved) | {"sql": sql}
    return _document(form, "planned" if moved.revisions else "unchanged", ExitCode.DONE, **facts)


def show_status(status: Status, form: Form) -> int:
    """Show what the database is at; the exit code tells whether something is left to do."""
    code = ExitCode.DONE if status.is_in_step else ExitCode.PENDING
    if not form.json:
        return _lines(db_text.of_status(status), code)
    return _document(form, "unchanged", code, **msgspec.to_builtins(status))


def show_history(history: History, form: Form) -> int:
    """Show revisions, and which of them the database is at."""
    problem = history.problem and str(failures.error_of(history.problem))
    if problem:
        problem = redact(problem, known=redacted.secrets_here())
        streams.write(f"warning: {problem}", err=True)
    if not form.json:
        return _lines(db_text.of_history(history), ExitCode.DONE)
    facts = msgspec.to_builtins(history) | {"problem": problem}
    return _document(form, "unchanged", ExitCode.DONE, **facts)


def _lines(lines: Iterable[str], code: int) -> int:
    for line in lines:
        streams.write(line)
    return code


def _document(form: Form, status: str, code: int, **facts: Any) -> int:
    streams.write(document.of_database(form.command, form.root, status, code, facts))
    return code
