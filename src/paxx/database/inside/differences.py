"""Put what Alembic would generate into words: how models and database differ."""

from collections.abc import Iterator
from typing import Any

not_compared: list[str] = []
"""What may differ unnoticed, in words."""
manual: list[dict[str, Any]] = []
"""What differs and is left to the user."""

_GONE = " is in no model"
_MISSING = " is not in the database"


def found(generated: list[Any]) -> list[str]:
    """Return one line for each difference between the database and the models."""
    lines = [_told(each) for each in operations(generated)]
    left = [f"{each['after']} differs" for each in manual]
    return [*dict.fromkeys(_changed(each, lines) for each in lines), *left]


def _changed(line: str, lines: list[str]) -> str:
    """Return what is dropped and made again as one difference."""
    stem = line.removesuffix(_GONE).removesuffix(_MISSING)
    return f"{stem} differs" if {stem + _GONE, stem + _MISSING} <= set(lines) else line


def operations(generated: list[Any]) -> Iterator[Any]:
    """Yield the operations of the upgrades, those inside of containers one by one."""
    for script in generated:
        for each in script.upgrade_ops_list:
            yield from leaves(each)


def leaves(operation: Any) -> Iterator[Any]:
    """Yield the operation, or those that it holds."""
    if hasattr(operation, "ops"):
        for each in operation.ops:
            yield from leaves(each)
    else:
        yield operation


def table_of(operation: Any) -> str:
    """Return the table that an operation is about, empty where it is about none."""
    name = getattr(operation, "table_name", None) or getattr(operation, "source_table", None)
    schema = getattr(operation, "schema", None)
    return f"{schema}.{name}" if name and schema else str(name or "")


def column_of(operation: Any) -> str | None:
    """Return the column that an operation is about."""
    column = getattr(operation, "column", None)
    name = getattr(operation, "column_name", None) or getattr(column, "name", None)
    return None if name is None else str(name)


_WORDS = {
    "CreateTableOp": "the table `{table}` is not in the database",
    "DropTableOp": "the table `{table}` has no model",
    "AddColumnOp": "the column `{table}.{column}` is not in the database",
    "DropColumnOp": "the column `{table}.{column}` is in no model",
    "CreateIndexOp": "the index `{name}` of `{table}` is not in the database",
    "DropIndexOp": "the index `{name}` of `{table}` is in no model",
    "DropConstraintOp": "the constraint `{name}` of `{table}` is in no model",
}


def _told(operation: Any) -> str:
    kind = type(operation).__name__
    table, column = table_of(operation), column_of(operation)
    name = getattr(operation, "index_name", None) or getattr(operation, "constraint_name", None)
    if hasattr(operation, "sqltext"):
        return f"`{' '.join(str(operation.sqltext).split())}` is to be run"
    if kind == "AlterColumnOp":
        return f"the column `{table}.{column}` differs: {', '.join(_changes(operation))}"
    if kind.startswith("Create") and kind not in _WORDS and name:
        return f"the constraint `{name}` of `{table}` is not in the database"
    fallback = f"{kind.removesuffix('Op')} of `{table}`" if table else kind.removesuffix("Op")
    return _WORDS.get(kind, fallback).format(table=table, column=column, name=name)


def _changes(operation: Any) -> Iterator[str]:
    if operation.modify_type is not None:
        yield f"{operation.existing_type} became {operation.modify_type}"
    if operation.modify_nullable is not None:
        yield "may be NULL" if operation.modify_nullable else "may not be NULL"
    if operation.modify_server_default is not False:
        yield "another server default"
    if operation.modify_comment is not False:
        yield "another comment"
    if operation.modify_name is not None:
        yield f"named `{operation.modify_name}`"
