"""The steps of an upgrade or a downgrade, as Alembic takes them, or why there are none."""

import contextlib
import io
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from paxx.database.inside.differences import column_of, table_of
from paxx.database.inside.failures import FailureError
from paxx.database.inside.scripts import Scripts, check_known, described, every, named, near

_UP = re.compile(r"\+\d+")
_DOWN = re.compile(r"(?:(\w+)@)?-(\d+)")
_SEVERAL = "Multiple revisions"  # how Alembic begins to tell of ids that begin alike
_DROPS = re.compile(
    r"\s*(?:DROP\s+(?:TABLE|SCHEMA|DATABASE|VIEW|MATERIALIZED)|TRUNCATE|DELETE\s+FROM"
    r"|ALTER\s+TABLE\b.*\bDROP\s+(?:COLUMN\b|(?!CONSTRAINT|DEFAULT|NOT|IDENTITY)\w+))",
    re.IGNORECASE | re.DOTALL,
)


def up(scripts: Scripts, target: str, current: tuple[str, ...]) -> list[Any]:
    """Return the steps of an upgrade."""
    try:
        return _found(scripts, scripts.directory._upgrade_revs, target, current)  # noqa: SLF001
    except FailureError as error:
        heads = list(scripts.directory.get_heads())
        is_lost = error.facts["kind"] in {"out of range", "forked"}
        if is_lost and len(heads) > 1 and _UP.fullmatch(target):
            raise FailureError("heads", revisions=heads) from error
        raise


def down(scripts: Scripts, target: str, current: tuple[str, ...]) -> list[Any]:
    """Return the steps of a downgrade; from nothing there are none, however far."""
    if not current:
        return []
    check_known(scripts, current)
    relative = _DOWN.fullmatch(target)
    start = relative and _start(target, relative[1], current)
    find = scripts.directory._downgrade_revs  # noqa: SLF001
    if not (start and relative):
        return _found(scripts, find, target, current)
    parents = _below(scripts, target, start, int(relative[2]))
    if len(parents) < 2:
        return _found(scripts, find, target, current)
    # Alembic takes no steps below a merge, but goes to one of its parents, and leaves the others
    # as they are. One that comes before another parent would take that one back as well.
    ways = [_found(scripts, find, f"{start}@{parent}", current) for parent in parents]
    return min(ways, key=len)


def reached(scripts: Scripts, named: str, current: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return what a database is at that was upgraded so far, several with several heads.

    `+1` counts from `current`.
    """
    start = current if _UP.fullmatch(named) else ()
    passed = [] if named in {"", "base"} else [step.revision for step in up(scripts, named, start)]
    below = {name for each in passed for name in each._all_down_revisions}  # noqa: SLF001
    return tuple(
        name for name in (*start, *(each.revision for each in passed)) if name not in below
    )


def is_backwards(scripts: Scripts, target: str, begin: tuple[str, ...], *, up_asked: bool) -> bool:
    """Tell whether the target is to be reached in the other direction alone."""
    try:
        return bool((down if up_asked else up)(scripts, target, begin))
    except FailureError:
        return False


def _start(target: str, label: str | None, current: tuple[str, ...]) -> str | None:
    """Return the applied revision that the steps down begin at, None where Alembic has to know."""
    if label:
        return label if label in current else None
    if len(current) > 1:
        raise FailureError("several", target, revisions=sorted(current))
    return current[0]


def _below(scripts: Scripts, target: str, start: str, count: int) -> list[str]:
    """Return what is this many steps below a revision, several where a merge is the last step."""
    at, merge = [start], ""
    for step in range(count):
        if len(at) > 1:
            reached = f"{target.rpartition('-')[0]}-{step}"
            facts = {"revision": merge, "revisions": at, "reached": reached}
            raise FailureError("joined", target, **facts)
        if not at:
            break  # Alembic tells that it is too far
        merge = at[0]
        at = sorted(described(scripts.directory.get_revision(merge))["down"])
    return at


def _found(scripts: Scripts, find: Any, target: str, current: tuple[str, ...]) -> list[Any]:
    from alembic.util import CommandError

    check_known(scripts, current)
    try:
        return list(find(target, current))
    except CommandError as error:
        if type(error.__cause__).__name__ == "MultipleHeads":
            raise
        raise _failure(scripts, target, current, error.__cause__) from error
    except AssertionError as error:  # a form that Alembic does not foresee here
        raise FailureError("out of range", target, revisions=list(current)) from error


def _failure(
    scripts: Scripts, target: str, current: tuple[str, ...], cause: BaseException | None
) -> FailureError:
    is_unknown = type(cause).__name__ == "ResolutionError"
    if is_unknown and _SEVERAL in str(cause):
        beginning = str(getattr(cause, "argument", target))
        candidates = [each for each in every(scripts) if each.revision.startswith(beginning)]
        return FailureError("ambiguous", target, candidates=named(candidates))
    if is_unknown:
        return FailureError("unknown", target, candidates=near(scripts, target))
    if str(cause).startswith("Ambiguous"):
        return FailureError("forked", target)
    return FailureError("out of range", target, revisions=list(current))


def losses_of(step: Any, context: Any) -> list[str] | None:
    """Return what a step of a downgrade drops, None where it cannot be told."""
    operations: list[Any] = []
    try:
        with _recorder(context, operations):
            step.migration_fn()
    except (Exception, SystemExit):  # noqa: BLE001 - it asks the database, or whatever else
        return None
    return [each for each in map(_loss, operations) if each]


@contextlib.contextmanager
def _recorder(context: Any, recorded: list[Any]) -> Iterator[None]:
    from alembic.operations import BatchOperations, Operations
    from alembic.runtime.migration import MigrationContext

    metadata = context.opts.get("target_metadata")
    silent = {"as_sql": True, "output_buffer": io.StringIO(), "target_metadata": metadata}
    offline = MigrationContext.configure(dialect_name=context.dialect.name, opts=silent)

    def record(operation: Any) -> Any:
        recorded.append(operation)
        # A new table is what the revision may go on with.
        return operation.to_table(offline) if hasattr(operation, "columns") else None

    @contextlib.contextmanager
    def batch(table_name: str, schema: str | None = None, **_: Any) -> Iterator[Any]:
        place = SimpleNamespace(table_name=table_name, schema=schema)
        operations = BatchOperations(offline, impl=place)
        operations.invoke = record
        yield operations

    with Operations.context(offline) as operations:
        operations.invoke = record
        operations.batch_alter_table = batch
        yield


def _loss(operation: Any) -> str:
    kind = type(operation).__name__
    if kind == "DropTableOp":
        return f"table `{table_of(operation)}`"
    if kind == "DropColumnOp":
        return f"column `{table_of(operation)}.{column_of(operation)}`"
    if kind == "ExecuteSQLOp":
        statement = " ".join(str(operation.sqltext).split())
        return f"`{statement[:100]}`" if _DROPS.match(statement) else ""
    return ""
