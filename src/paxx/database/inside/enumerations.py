"""Types of PostgreSQL that list their values: made before what uses them, changed, dropped."""

from collections.abc import Iterator
from typing import Any

from paxx.database.inside.definitions import escaped, expression
from paxx.database.inside.differences import leaves

Facts = dict[str, Any]
QUOTE = '"'
Name = tuple[str | None, str]

_TYPES = """
    SELECT CASE WHEN pg_type_is_visible(type.oid) THEN NULL ELSE namespace.nspname END,
           type.typname, array_agg(enumlabel::text ORDER BY enumsortorder)
    FROM pg_type AS type JOIN pg_namespace AS namespace ON namespace.oid = type.typnamespace
    JOIN pg_enum ON enumtypid = type.oid
    GROUP BY 1, 2
"""
_USES = """
    SELECT format('%s', attrelid::regclass), quote_ident(attname), typcategory = 'A',
           pg_get_expr(adbin, adrelid)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid AND relkind IN ('r', 'p')
    JOIN pg_type ON pg_type.oid = atttypid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE CAST(to_regtype(:name) AS oid) IN (pg_type.oid, pg_type.typelem)
      AND NOT attisdropped AND NOT relispartition
    ORDER BY 1, attnum
"""
removed: list[Facts] = []
"""Values that a revision takes out of a type."""


def changes(context: Any, upgrade: Any) -> Iterator[Any]:
    """Yield operations that bring the types of the database to the models."""
    from sqlalchemy import text

    there = {
        (schema, name): list(labels)
        for schema, name, labels in context.connection.execute(text(_TYPES))
    }
    for name, kind in sorted(_modelled(context).items(), key=lambda each: str(each[0])):
        quoted = context.dialect.identifier_preparer.format_type(kind)
        labels = list(kind.enums)
        if name not in there:
            yield executed([_create(quoted, labels)], [f"DROP TYPE {quoted}"])
        elif labels != there[name]:
            yield _changed(context, quoted, there[name], labels)
    for operation in leaves(upgrade):
        _use(operation, context.dialect)


def _modelled(context: Any) -> dict[Name, Any]:
    default = context.dialect.default_schema_name
    found: dict[Name, Any] = {}
    for table in context.sorted_tables:
        for column in table.columns:
            kind = _native(column.type, context.dialect)
            if kind is not None and getattr(kind, "create_type", True):
                found[None if kind.schema == default else kind.schema, kind.name] = kind
    return found


def _native(kind: Any, dialect: Any) -> Any:
    from sqlalchemy import ARRAY
    from sqlalchemy.dialects.postgresql import ENUM

    found = kind.dialect_impl(dialect)
    found = getattr(found, "impl", found) if not isinstance(found, ENUM) else found
    if isinstance(found, ARRAY):
        return _native(found.item_type, dialect)
    return found if isinstance(found, ENUM) else None


def _use(operation: Any, dialect: Any) -> None:
    """Have a column name its type, which is made by an operation of its own."""
    columns = operation.columns if type(operation).__name__ == "CreateTableOp" else []
    if type(operation).__name__ == "AddColumnOp":
        operation.column = operation.column._copy()  # noqa: SLF001
        columns = [operation.column]
    for column in columns:
        kind = getattr(column, "type", None)
        if kind is not None and (native := _native(kind, dialect)) is not None:
            column.type = _named(kind, native)


def _named(kind: Any, native: Any) -> Any:
    from sqlalchemy.dialects.postgresql import ARRAY, ENUM

    named = ENUM(*native.enums, name=native.name, schema=native.schema, create_type=False)
    is_array = getattr(kind, "item_type", None) is not None
    return ARRAY(named) if is_array else named


def _create(quoted: str, labels: list[str]) -> str:
    return f"CREATE TYPE {quoted} AS ENUM ({', '.join(map(_literal, labels))})"


def _literal(label: str) -> str:
    return "'{}'".format(label.replace("'", "''"))


def _changed(context: Any, quoted: str, before: list[str], after: list[str]) -> Any:
    missing = [each for each in before if each not in after]
    back = list(_again(context, quoted, before))
    if missing:
        none = {"column": None, "rows": None, "after": None}
        removed.append({"kind": "values", "table": quoted, **none, "before": ", ".join(missing)})
    if [each for each in after if each in before] != before:
        return executed(list(_again(context, quoted, after)), back)
    added = [each for each in after if each not in before]
    return executed([_add(quoted, each, before, after) for each in added], back)


def _add(quoted: str, label: str, before: list[str], after: list[str]) -> str:
    """Return the statement that adds a label; those in front of it exist by then."""
    place = after.index(label)
    side = f"AFTER {_literal(after[place - 1])}" if place else f"BEFORE {_literal(before[0])}"
    return f"ALTER TYPE {quoted} ADD VALUE {_literal(label)} {side}"


def _again(context: Any, quoted: str, labels: list[str]) -> Iterator[str]:
    """Yield statements that make a type anew and move its columns: no value can be dropped."""
    from sqlalchemy import text

    columns = context.connection.execute(text(_USES), {"name": quoted}).all()
    schema, _, name = quoted.rpartition(".")
    old = context.dialect.identifier_preparer.quote(f"{name.strip(QUOTE)}_old")
    place = f"{schema}.{old}".lstrip(".")
    yield f"ALTER TYPE {quoted} RENAME TO {old}"
    yield _create(quoted, labels)
    for table, column, is_array, default in columns:
        alter = f"ALTER TABLE {table} ALTER COLUMN {column}"
        many = "[]" if is_array else ""
        if default is not None:
            yield f"{alter} DROP DEFAULT"
        yield f"{alter} TYPE {quoted}{many} USING {column}::text{many}::{quoted}{many}"
        if default is not None:
            yield f"{alter} SET DEFAULT {default}"
    yield f"DROP TYPE {place}"


def executed(statements: list[str], back: list[str]) -> Any:
    """Return an operation of statements, others in the downgrade, on PostgreSQL alone."""
    from alembic.operations import ops

    class OnPostgreSQL(ops.ExecuteSQLOp):  # type: ignore[misc] # no types here
        """Statements in one direction; Alembic reverses it by `reverse`."""

        on_postgresql = statements

        def reverse(self) -> Any:
            return executed(back, statements)

    return OnPostgreSQL("; ".join(statements))


def rendered(context: Any, operation: Any) -> Any:
    """Return the source of statements that are run; those of PostgreSQL run nowhere else."""
    from alembic.autogenerate import render

    prefix = render._alembic_autogenerate_prefix(context)  # noqa: SLF001
    statements = getattr(operation, "on_postgresql", None)
    if statements is None:
        return f"{prefix}execute({operation.sqltext!r})"
    lines = [f"{prefix}execute({escaped(each)!r})" for each in statements]
    return [f'if {prefix}get_context().dialect.name == "postgresql":', *(lines or ["pass"]), ""]


def rendered_check(context: Any, operation: Any) -> str:
    """Return the source that creates a check."""
    from alembic.autogenerate import render

    prefix = render._alembic_autogenerate_prefix(context)  # noqa: SLF001
    module = render._sqlalchemy_autogenerate_prefix(context)  # noqa: SLF001
    name = operation.constraint_name
    arguments = ["None" if name is None else f"{prefix}f({str(name)!r})"]
    if not context._has_batch:  # noqa: SLF001
        arguments.append(repr(str(operation.table_name)))
    sql = expression(operation.condition, context.dialect)
    arguments.append(f"{module}text({escaped(sql)!r})")
    if operation.schema and not context._has_batch:  # noqa: SLF001
        arguments.append(f"schema={operation.schema!r}")
    return f"{prefix}create_check_constraint({', '.join(arguments)})"
