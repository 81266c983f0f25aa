"""What comes of a command on the database, as lines for people."""

from collections.abc import Iterable, Iterator

from paxx.cli.width import wrapped
from paxx.database import hazards
from paxx.database.answers import History, Moved, Revision, Status, Written


def of_written(written: Written, command: str, *, dry_run: bool) -> Iterator[str]:
    """Yield the files that are written or would be, what is hazardous in them, and what is next."""
    if not written.written:
        is_sure = not (written.not_compared or written.warnings)
        nothing = _NOTHING[command] if is_sure else "nothing to write for what was compared"
        yield nothing.format(database=written.database)
    for draft in written.written:
        yield f"{'would write' if dry_run else 'wrote'} `{draft.path}`"
        if dry_run:
            yield ""
            yield from draft.content.splitlines()
            yield ""
    for hazard in written.warnings:
        message, hint = hazards.told(hazard)
        yield from wrapped(f"warning: {message}")
        yield from wrapped(f"hint: {hint}")
    yield from _left_out(written.not_compared)
    if written.problem:
        yield from wrapped(f"warning: a hook failed after that: {written.problem}")
    if written.written and not dry_run:
        yield ""
        yield "next:"
        if written.warnings:
            yield from (f"  edit `{draft.path}`, see the warnings" for draft in written.written)
        yield "  paxx db upgrade"


_NOTHING = {
    "db migrate": "nothing changed: the models agree with `{database}`",
    "db merge": "nothing to merge: there is one head",
}


def of_moved(moved: Moved, command: str) -> Iterator[str]:
    """Yield the revisions that were run, and what the database is at."""
    if moved.dropped:
        count = len(moved.dropped)
        yield f"dropped {count} object{'s' if count > 1 else ''}"
    verb = "took back" if command == "db downgrade" else "applied"
    for each in moved.revisions:
        yield from wrapped(f"{verb} {each}")
    at = _named(moved.after)
    if moved.revisions or moved.dropped:
        yield f"`{moved.database}` is at {at}"
    else:
        nothing = "nothing to take back" if command == "db downgrade" else "nothing to apply"
        yield f"{nothing}: `{moved.database}` is at {at}"


def of_stamped(moved: Moved, *, dry_run: bool) -> Iterator[str]:
    """Yield the revision that was recorded, or would be."""
    at = _named(moved.after)
    if set(moved.before) == set(moved.after):
        yield f"nothing to record: `{moved.database}` is at {at}"
    elif dry_run:
        yield f"would record {at} as what `{moved.database}` is at"
    else:
        yield f"recorded: `{moved.database}` is at {at}"


def of_status(status: Status) -> Iterator[str]:
    """Yield what the database is at, what is pending, and how the models differ."""
    yield f"database  {status.database}"
    yield f"at        {', '.join(status.current) or 'no revision'}"
    yield f"head      {', '.join(each.revision for each in status.heads) or 'none'}"
    yield f"pending   {len(status.pending) or 'none'}"
    yield from _listed(status.pending)
    if status.differences is not None:
        agree = "agree in what was compared" if status.not_compared else "agree with the database"
        yield f"models    {'differ' if status.differences else agree}"
        for each in status.differences:
            yield from wrapped(each, indent=2)
    yield from _left_out(status.not_compared)
    if status.unversioned:
        yield from wrapped(f"tables    exist without a revision: {', '.join(status.unversioned)}")
    if status.unknown:
        yield f"unknown   {', '.join(status.unknown)}"
    next_step = _next(status)
    if next_step:
        yield ""
        yield "next:"
        yield f"  {next_step}"


def _next(status: Status) -> str:
    if status.unknown:
        return "use the branch that has the unknown revision, or another database"
    if len(status.heads) > 1:
        return "paxx db merge"
    if status.unversioned:
        return "paxx db stamp REVISION"
    if status.pending:
        return "paxx db upgrade"
    return "paxx db migrate MESSAGE" if status.differences else ""


def of_history(history: History) -> Iterator[str]:
    """Yield the revisions, the newest first, with what is special about them."""
    if not history.revisions:
        yield "there are no revisions"
    for each in history.revisions:
        marks = {
            "current": each.revision in (history.current or ()),
            "head": each.revision in history.heads,
            "merge": len(each.down) > 1,
        }
        named = ", ".join(mark for mark, is_so in marks.items() if is_so)
        yield from wrapped(f"{each}  ({named})" if named else str(each))


def _left_out(not_compared: Iterable[str]) -> Iterator[str]:
    for each in not_compared:
        yield from wrapped(f"warning: not compared: {each}")


def _listed(revisions: Iterable[Revision]) -> Iterator[str]:
    for each in revisions:
        yield from wrapped(str(each), indent=2)


def _named(revisions: tuple[str, ...]) -> str:
    return ", ".join(f"`{each}`" for each in revisions) or "no revision"
