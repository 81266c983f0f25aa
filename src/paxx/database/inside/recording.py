"""Find out what a revision would drop, by running it without a database and noting what it asks."""

import contextlib
import io
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from paxx.database.inside.differences import column_of, table_of

_DROPS = re.compile(
    r"\s*(?:DROP\s+(?:TABLE|SCHEMA|DATABASE|VIEW|MATERIALIZED)|TRUNCATE|DELETE\s+FROM"
    r"|ALTER\s+TABLE\b.*\bDROP\s+(?:COLUMN\b|(?!CONSTRAINT|DEFAULT|NOT|IDENTITY)\w+))",
    re.IGNORECASE | re.DOTALL,
)


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
