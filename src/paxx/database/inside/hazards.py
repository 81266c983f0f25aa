"""Operations that lose data, fail on rows that are there, or lock a large table."""

from collections.abc import Iterable, Iterator
from typing import Any

from paxx.database.inside.differences import column_of, table_of

MANY_ROWS = 100_000

Facts = dict[str, Any]


def of(operations: Iterable[Any], connection: Any) -> Iterator[Facts]:
    """Yield what is hazardous; `connection` tells how many rows a table has."""
    new: set[str] = set()
    for each in operations:
        kind, table = type(each).__name__, table_of(each)
        if kind == "CreateTableOp":
            new.add(table)
        elif kind in {"DropTableOp", "DropColumnOp"}:
            yield _hazard("drop", each)
        elif kind == "AddColumnOp" and _needs_a_value(each.column):
            yield _hazard("not null", each)
        elif kind == "AlterColumnOp":
            yield from _of_a_change(each)
        if table not in new and connection.dialect.name == "postgresql":
            yield from _of_a_large_table(kind, each, connection)


def _hazard(kind: str, operation: Any, **facts: Any) -> Facts:
    known = {"table": table_of(operation), "column": column_of(operation), "rows": None}
    return {"kind": kind, **known, "before": None, "after": None, **facts}


def _needs_a_value(column: Any) -> bool:
    has_value = column.server_default is not None or column.computed or column.identity
    return not column.nullable and not has_value


def _of_a_change(operation: Any) -> Iterator[Facts]:
    before, after = operation.existing_type, operation.modify_type
    if after is not None and is_narrower(before, after):
        yield _hazard("narrowing", operation, before=str(before), after=str(after))
    if operation.modify_nullable is False:
        yield _hazard("set not null", operation)


def _of_a_large_table(kind: str, operation: Any, connection: Any) -> Iterator[Facts]:
    """Yield what reads or writes every row while the table is locked, where there are many."""
    hazard = _on_every_row(kind, operation)
    if hazard is None:
        return
    rows = _rows(connection, table_of(operation))
    if rows >= MANY_ROWS:
        yield {**hazard, "rows": rows}


_CREATED = {
    "CreateIndexOp": ("index", "postgresql_concurrently"),
    "CreateUniqueConstraintOp": ("index", "postgresql_concurrently"),
    "CreateForeignKeyOp": ("validation", "postgresql_not_valid"),
    "CreateCheckConstraintOp": ("validation", "postgresql_not_valid"),
}


def _on_every_row(kind: str, operation: Any) -> Facts | None:
    if kind in _CREATED:
        hazard, option = _CREATED[kind]
        name = getattr(operation, "index_name", None) or operation.constraint_name
        is_safe = getattr(operation, "kw", {}).get(option)
        return None if is_safe else _hazard(hazard, operation, column=None, after=str(name))
    if kind == "AddColumnOp":
        is_filled = operation.column.computed or operation.column.identity
        return _hazard("rewrite", operation) if is_filled else None
    return _change_of_every_row(operation) if kind == "AlterColumnOp" else None


def _change_of_every_row(operation: Any) -> Facts | None:
    before, after = operation.existing_type, operation.modify_type
    if after is not None and rewrites(before, after):
        return _hazard("rewrite", operation, before=str(before), after=str(after))
    return _hazard("validation", operation) if operation.modify_nullable is False else None


def rewrites(before: Any, after: Any) -> bool:
    """Return whether PostgreSQL writes every row anew to change a type."""
    from sqlalchemy import types

    fixed = (types.CHAR, types.Enum)
    if isinstance(before, fixed) or isinstance(after, fixed):
        return True
    if isinstance(before, types.DateTime) and isinstance(after, types.DateTime):
        return bool(before.timezone) is not bool(after.timezone)
    if isinstance(before, types.Numeric) and isinstance(after, types.Numeric):
        if after.precision is None:
            return False
        return before.scale != after.scale or is_narrower(before, after)
    if isinstance(before, types.String) and isinstance(after, types.String):
        return is_narrower(before, after)
    return True


def _rows(connection: Any, table: str) -> int:
    from sqlalchemy import text

    quote = connection.dialect.identifier_preparer.quote
    name = ".".join(quote(part) for part in table.split("."))
    # Counted, as far as it decides: statistics may be from when the table was small.
    some = text(f"SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT {MANY_ROWS}) AS listed")  # noqa: S608
    counted = int(connection.scalar(some))
    if counted < MANY_ROWS:
        return counted
    estimate = text("SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(:name)")
    return max(counted, int(connection.scalar(estimate, {"name": name})))


def is_narrower(before: Any, after: Any) -> bool:
    """Tell whether values of the type before may not fit into the one after."""
    from sqlalchemy import types

    for family in (types.Integer, types.Numeric, types.String, types.DateTime, types.LargeBinary):
        if isinstance(before, family) and isinstance(after, family):
            return any(new < old for new, old in zip(_size(after), _size(before), strict=True))
    if isinstance(before, types.Integer) and isinstance(after, types.Numeric):
        return False
    wide = isinstance(after, types.String) and after.length is None
    return not wide and before._type_affinity is not after._type_affinity  # noqa: SLF001


def _size(kind: Any) -> tuple[float, ...]:
    from sqlalchemy import types

    endless = float("inf")
    if isinstance(kind, types.SmallInteger):
        return (2,)
    if isinstance(kind, types.Integer):
        return (8,) if isinstance(kind, types.BigInteger) else (4,)
    if isinstance(kind, types.Numeric):
        scale = kind.scale or 0
        whole = endless if kind.precision is None else kind.precision - scale
        return (whole, endless if kind.precision is None else scale)
    if isinstance(kind, types.DateTime):
        return (float(bool(kind.timezone)),)
    return (endless if kind.length is None else kind.length,)
