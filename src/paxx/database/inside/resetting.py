"""Empty a database of development, and run all revisions anew."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from paxx.database.inside import moving, running, scripts, state, turns, watch
from paxx.database.inside.failures import FailureError

Facts = dict[str, Any]

_OF_AN_EXTENSION = """
    SELECT 1 FROM pg_depend AS depend
    WHERE depend.objid = {object}.oid AND depend.deptype IN ('e', 'i')
"""
_RELATIONS = f"""
    SELECT class.relkind, namespace.nspname, class.relname
    FROM pg_class AS class JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
    WHERE namespace.nspname = ANY(:schemas) AND class.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
      AND NOT EXISTS ({_OF_AN_EXTENSION.format(object="class")})
      AND NOT (class.relkind = 'S' AND EXISTS (
        SELECT 1 FROM pg_depend AS owner WHERE owner.objid = class.oid AND owner.deptype = 'a'
      ))
    ORDER BY array_position(ARRAY['m', 'v', 'f', 'p', 'r', 'S'], class.relkind::text), 3
"""  # noqa: S608 - nothing but constants
_TYPES = f"""
    SELECT CASE WHEN type.typtype = 'd' THEN 'domain' ELSE 'type' END,
           namespace.nspname, type.typname
    FROM pg_type AS type JOIN pg_namespace AS namespace ON namespace.oid = type.typnamespace
    WHERE namespace.nspname = ANY(:schemas) AND type.typtype IN ('e', 'd')
      AND NOT EXISTS ({_OF_AN_EXTENSION.format(object="type")})
    ORDER BY 3
"""  # noqa: S608 - nothing but constants
_ROUTINES = f"""
    SELECT namespace.nspname, routine.oid::regprocedure::text
    FROM pg_proc AS routine JOIN pg_namespace AS namespace
      ON namespace.oid = routine.pronamespace
    WHERE namespace.nspname = ANY(:schemas) AND routine.prokind IN ('f', 'p')
      AND NOT EXISTS ({_OF_AN_EXTENSION.format(object="routine")})
    ORDER BY 2
"""  # noqa: S608 - nothing but constants
_KINDS = {
    "r": "table",
    "p": "table",
    "f": "foreign table",
    "v": "view",
    "m": "materialized view",
    "S": "sequence",
}


def contents(_: Facts) -> Facts:
    """Return what a reset would drop, and where that is."""
    known = scripts.load()
    answer: Facts = {}

    def look(__: tuple[str, ...], context: Any) -> list[Any]:
        parts = state.parts(context.connection)
        answer["host"] = parts["host"]
        answer["is_file"] = parts["is_file"]
        answer["objects"] = [f"{kind} `{name}`" for kind, name, _ in _objects(context)]
        return []

    running.run(known, look)
    return {"database": watch.now.database, "environment": _environment(), **answer}


def _environment() -> str | None:
    # A project whose settings say nothing of it may have been edited to be about production alone.
    try:
        value = import_module("settings").settings.environment
    except (ImportError, AttributeError):
        return None
    return str(getattr(value, "value", value))


def reset(question: Facts) -> Facts:
    """Drop everything, then run all revisions."""
    if _environment() not in {"development", None}:
        raise FailureError("not development")
    dropped = turns.retry(_drop_all, question["wait"])
    moved = moving.upgrade({"revision": "heads", "wait": question["wait"]})
    return {**moved, "dropped": dropped}


def _drop_all(wait: float) -> list[str]:
    dropped: list[str] = []

    def drop(_: tuple[str, ...], context: Any) -> list[Any]:
        connection = context.connection
        if connection.dialect.name == "sqlite":
            # The one counts outside of a transaction, the other inside.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for kind, name, statement in list(_objects(context)):
            connection.exec_driver_sql(statement)
            dropped.append(f"{kind} `{name}`")
        return []

    running.run(scripts.load(), drop, wait=wait, destination_rev="heads")
    return dropped


def _objects(context: Any) -> Iterator[tuple[str, str, str]]:
    if context.dialect.name == "sqlite":
        yield from _of_sqlite(context.connection)
    elif context.dialect.name == "postgresql":
        yield from _of_postgresql(context)
    else:
        raise FailureError("no reset", context.dialect.name)


def _of_sqlite(connection: Any) -> Iterator[tuple[str, str, str]]:
    quote = connection.dialect.identifier_preparer.quote_identifier
    rows = connection.exec_driver_sql(
        "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view')"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type DESC, name"
    ).all()
    for kind, name in rows:
        yield kind, name, f"DROP {kind.upper()} IF EXISTS {quote(name)}"


def _of_postgresql(context: Any) -> Iterator[tuple[str, str, str]]:
    from sqlalchemy import text

    connection = context.connection
    quote = connection.dialect.identifier_preparer.quote_identifier
    schemas = {"schemas": _schemas(context)}
    found = [
        (_KINDS[_text(kind)], schema, quote(name), name)
        for kind, schema, name in connection.execute(text(_RELATIONS), schemas).all()
    ]
    found += [
        (kind, schema, quote(name), name)
        for kind, schema, name in connection.execute(text(_TYPES), schemas).all()
    ]
    for kind, schema, quoted, name in found:
        place = f"{quote(schema)}.{quoted}"
        yield kind, name, f"DROP {kind.upper()} IF EXISTS {place} CASCADE"
    for _, signature in connection.execute(text(_ROUTINES), schemas).all():
        yield "routine", signature, f"DROP ROUTINE IF EXISTS {signature} CASCADE"


def _text(kind: Any) -> str:
    return kind.decode() if isinstance(kind, bytes) else str(kind)


def _schemas(context: Any) -> list[str]:
    named = {table.schema for table in state.model_tables(context) if table.schema}
    current = context.connection.exec_driver_sql("SELECT current_schema()").scalar()
    return sorted({current, context.version_table_schema, *named} - {None})
