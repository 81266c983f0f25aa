"""Upgrade and downgrade: run revisions, and tell exactly what is left when one of them fails."""

import io
import time
from collections.abc import Callable, Iterator
from typing import Any

from paxx.database.inside import (
    channel,
    failures,
    places,
    running,
    scripts,
    state,
    steps,
    turns,
    watch,
)
from paxx.database.inside.failures import FailureError

Facts = dict[str, Any]
Find = Callable[[scripts.Scripts, str, tuple[str, ...]], list[Any]]
Drop = Callable[[Any], list[str]]


def upgrade(question: Facts, drop: Drop | None = None) -> Facts:
    """Run the revisions up to `revision`; with `drop`, which empties the database, all of them."""
    return _move(question, steps.up, drop)


def downgrade(question: Facts) -> Facts:
    """Take back the revisions down to `revision`, unless that drops what was not `agreed` to.

    Then nothing is run, and the losses are told. Raises FailureError unless the database is where
    it was `expected`, so that nothing is taken back that the user was not asked about.
    """
    if not question["agreed"]:
        losses = _losses(question["revision"])
        if any(each["drops"] != [] for each in losses["revisions"]):
            return {"losses": losses, "moved": None}
        question["expected"] = losses["before"]
    return {"losses": None, "moved": _move(question, steps.down)}


def _losses(target: str) -> Facts:
    known = scripts.load()
    answer: Facts = {}

    def look(current: tuple[str, ...], context: Any) -> list[Any]:
        answer["before"] = list(current)
        answer["revisions"] = [
            {**scripts.described(step.revision), "drops": steps.losses_of(step, context)}
            for step in steps.down(known, target, current)
        ]
        return []

    running.run(known, look)
    return {"database": watch.now.database, **answer}


def sql(question: Facts) -> Facts:
    """Return the SQL that an upgrade or a downgrade would run, from where the database is.

    With `FROM:TO` as the revision the database is not asked.
    """
    known = scripts.load()
    begin, target, found = _asked_for(known, question["revision"], is_up=question["up"])
    written = io.StringIO()
    if found:
        known.config.output_buffer = written
        named: Facts = {"as_sql": True, "starting_rev": begin or None, "destination_rev": target}
        running.run(known, lambda *_: found, **named)
    revisions = [scripts.described(step.revision) for step in found]
    return {
        "database": watch.now.database,
        "before": list(begin),
        "after": list(begin),
        "revisions": [{**each, "milliseconds": 0} for each in revisions],
        "sql": written.getvalue(),
    }


def _asked_for(
    known: scripts.Scripts, asked: str, *, is_up: bool
) -> tuple[tuple[str, ...], str, list[Any]]:
    """Return where SQL begins, where it ends, and the steps between."""
    start, colon, target = asked.rpartition(":")
    begin = steps.reached(known, start) if colon else running.current(known)
    if colon and steps.is_backwards(known, target, begin, up_asked=is_up):
        raise FailureError("goes down" if is_up else "goes up", asked)
    return begin, target, (steps.up if is_up else steps.down)(known, target, begin)


def _move(question: Facts, find: Find, drop: Drop | None = None) -> Facts:
    return turns.retry(lambda wait: _attempt(question, find, wait, drop), question["wait"])


def _attempt(question: Facts, find: Find, wait: float, drop: Drop | None) -> Facts:
    known = scripts.load()
    target = question["revision"]
    expected = question.get("expected")
    run = _Run()
    emptied = list(running.current(known)) if drop else None

    def following(current: tuple[str, ...], context: Any) -> Iterator[Any]:
        if expected is not None and list(current) != expected:
            raise FailureError("moved", revisions=list(current))
        found = find(known, target, current)
        run.before = list(current) if emptied is None else emptied
        run.dropped = drop(context) if drop else []
        run.unversioned = [] if current else state.existing_tables(context)
        yield from run.through(found)
        run.after = list(context.get_current_heads())

    try:
        running.run(known, following, wait=wait, destination_rev=target, purge=drop is not None)
    except BaseException as error:
        step = watch.now.step
        if step is None and not isinstance(error, SystemExit):  # which is what env.py may end with
            # Behind the last revision comes the commit, which may fail, too.
            step = next(reversed(run.done), None)
        if step is None:
            raise
        raise _failed(error, step, known, run) from error
    return run.answer


class _Run:
    """The revisions of one upgrade or downgrade, as they pass."""

    def __init__(self) -> None:
        self.before: list[str] = []
        self.after: list[str] = []
        self.dropped: list[str] = []
        self.done: list[Facts] = []
        self.schema: dict[str, str] = {}
        self.unversioned: list[str] = []

    def through(self, steps: list[Any]) -> Iterator[Any]:
        """Yield the steps to Alembic, which runs each before it asks for the next."""
        self.schema = watch.schema_of_file()
        for step in steps:
            commits = watch.now.commits
            described = scripts.described(step.revision)
            channel.tell("step", described)
            watch.now.enter(described)
            started = time.perf_counter()
            yield step
            watch.now.leave()
            took = round((time.perf_counter() - started) * 1000, 1)
            self.done.append({**described, "milliseconds": took})
            if watch.now.commits > commits:  # each revision is committed by itself
                self.schema = watch.schema_of_file()

    @property
    def answer(self) -> Facts:
        """Return what has been done."""
        return {
            "database": watch.now.database,
            "before": self.before,
            "after": self.after,
            "revisions": self.done,
            "sql": None,
            "dropped": self.dropped,
        }


def _failed(error: BaseException, step: Facts, known: scripts.Scripts, run: _Run) -> FailureError:
    watch.now.leave()
    path, line = places.of(error, step["path"])
    interrupted = isinstance(error, KeyboardInterrupt)
    committed = watch.now.committed
    dropped = [each for each in committed if isinstance(each, watch.Dropped)]
    left = [*_changed(run.schema), *(committed if watch.now.file is None else [])]
    if dropped:  # the next reset drops the rest, too
        left = []
    at = _current_or_none(known)
    # Only where nothing of it is in the database it may be run again.
    is_undone = not left and not dropped and at == run.before
    is_blocked = failures.is_about_locks(error) and is_undone
    return FailureError(
        "interrupted" if interrupted else "blocked" if is_blocked else "migration",
        "" if interrupted else failures.told(error),
        path=path,
        line=line,
        statement=failures.statement_of(error),
        revision=step["revision"],
        message=step["message"],
        before=run.before,
        left=left,
        dropped=dropped,
        at=at,
        unversioned=run.unversioned,
        database=watch.now.database,
        sessions=watch.now.blockers if failures.is_about_locks(error) else [],
    )


def _changed(before: dict[str, str]) -> Iterator[str]:
    after = watch.schema_of_file()
    yield from (f"{name} was made" for name in sorted(after.keys() - before.keys()))
    yield from (f"{name} is gone" for name in sorted(before.keys() - after.keys()))
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            yield f"{name} was changed"


def _current_or_none(known: scripts.Scripts) -> list[str] | None:
    try:
        return list(running.current(known))
    except Exception:  # noqa: BLE001 - the first error is the one to tell
        return None
