"""Empty a database of development, and run all revisions anew."""

from importlib import import_module
from typing import Any

from paxx.database.inside import moving, running, scripts, state, watch
from paxx.database.inside.failures import FailureError

Facts = dict[str, Any]

_OBJECTS = """
    SELECT found.* FROM (
      SELECT 'pg_class'::regclass::oid AS classid, oid, relnamespace AS namespace,
             CASE relkind WHEN 'm' THEN 'materialized view' WHEN 'v' THEN 'view'
               WHEN 'f' THEN 'foreign table' WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind,
             oid::regclass::text AS name, position(relkind::text IN 'mvfprS') AS place
      FROM pg_class
      WHERE relkind IN ('m', 'v', 'f', 'p', 'r', 'S') AND oid IS DISTINCT FROM to_regclass(:version)
      UNION ALL
      SELECT 'pg_type'::regclass::oid, oid, typnamespace,
             CASE typtype WHEN 'd' THEN 'domain' ELSE 'type' END, oid::regtype::text, 7
      FROM pg_type WHERE typtype IN ('c', 'd', 'e', 'r')
      UNION ALL
      SELECT 'pg_proc'::regclass::oid, oid, pronamespace, 'routine', oid::regprocedure::text, 8
      FROM pg_proc
    ) AS found JOIN pg_namespace AS namespace ON namespace.oid = found.namespace
    WHERE namespace.nspname = ANY(:schemas) AND NOT EXISTS (
      SELECT 1 FROM pg_depend AS owner
      WHERE owner.classid = found.classid AND owner.objid = found.oid
        AND (owner.deptype IN ('e', 'i') OR owner.deptype = 'a' AND found.kind = 'sequence')
    )
    ORDER BY place, name
"""
_OUTSIDE = f"""
    WITH RECURSIVE dropped (classid, objid, objsubid) AS (
      SELECT classid, oid, 0 FROM ({_OBJECTS}) AS object
      UNION
      SELECT following.* FROM dropped CROSS JOIN LATERAL (
        SELECT classid, objid, objsubid FROM pg_depend
        WHERE refclassid = dropped.classid AND refobjid = dropped.objid
          AND dropped.objsubid IN (0, refobjsubid)
        UNION ALL -- a view goes with its rule, which is what depends on tables
        SELECT refclassid, refobjid, refobjsubid FROM pg_depend
        WHERE classid = dropped.classid AND objid = dropped.objid AND deptype = 'i'
          AND classid = 'pg_rewrite'::regclass
      ) AS following
    )
    SELECT DISTINCT object.type, object.identity
    FROM dropped
      CROSS JOIN LATERAL pg_identify_object(classid, objid, objsubid) AS object
      CROSS JOIN LATERAL pg_identify_object_as_address(classid, objid, objsubid) AS address
    WHERE coalesce(object.schema, address.object_names[1]) <> ALL(:schemas)
      AND coalesce(object.schema, address.object_names[1]) NOT LIKE 'pg\\_%'
      AND object.type <> 'rule' AND NOT EXISTS (
        SELECT 1 FROM pg_depend AS owner
        WHERE owner.classid = dropped.classid AND owner.objid = dropped.objid
          AND owner.deptype = 'i'
      )
    ORDER BY 1, 2
"""  # noqa: S608 - nothing but constants


def contents(_: Facts) -> Facts:
    """Return what a reset would drop, and where that is."""
    known = scripts.load()
    answer: Facts = {}

    def look(__: tuple[str, ...], context: Any) -> list[Any]:
        parts = state.parts(context.connection)
        answer["host"] = parts["host"]
        answer["is_file"] = parts["is_file"]
        answer["objects"] = [f"{kind} `{name}`" for kind, name, _ in _objects(context)]
        answer["outside"] = _outside(context)
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
    """Drop everything and run all revisions, in one transaction where the database can."""
    if _environment() not in {"development", None}:
        raise FailureError("not development")
    return moving.upgrade({"revision": "heads", "wait": question["wait"]}, _drop_all)


def _drop_all(context: Any) -> list[str]:
    connection = context.connection
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        # The one counts outside of a transaction, the other inside.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    outside = _outside(context)
    objects = _objects(context)
    for _, _, statement in objects:
        connection.exec_driver_sql(statement)
    dropped = [*(f"{kind} `{name}`" for kind, name, _ in objects), *outside]
    # What the driver has begun no transaction for is in the database already.
    is_kept = is_sqlite and not connection.connection.driver_connection.in_transaction
    kept = watch.now.committed if is_kept else watch.now.pending
    kept.extend(map(watch.Dropped, dropped))
    return dropped


def _objects(context: Any) -> list[tuple[str, str, str]]:
    """Return kind, name and statement for all but the table of the revisions, which is emptied."""
    if context.dialect.name == "sqlite":
        return _of_sqlite(context)
    if context.dialect.name == "postgresql":
        return [
            (row.kind, row.name, f"DROP {row.kind.upper()} IF EXISTS {row.name} CASCADE")
            for row in _rows(context, _OBJECTS)
        ]
    raise FailureError("no reset", context.dialect.name)


def _of_sqlite(context: Any) -> list[tuple[str, str, str]]:
    quote = context.dialect.identifier_preparer.quote_identifier
    rows = context.connection.exec_driver_sql(
        "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view')"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type DESC, name"
    ).all()
    return [
        (kind, name, f"DROP {kind.upper()} IF EXISTS {quote(name)}")
        for kind, name in rows
        if name != context.version_table
    ]


def _outside(context: Any) -> list[str]:
    """Return what goes with the objects, though it is in none of the schemas."""
    if context.dialect.name != "postgresql":
        return []
    return [f"{row.type} `{row.identity}`" for row in _rows(context, _OUTSIDE)]


def _rows(context: Any, query: str) -> Any:
    from sqlalchemy import text

    version = context.dialect.identifier_preparer.format_table(context._version)  # noqa: SLF001
    named = {"schemas": _schemas(context), "version": version}
    return context.connection.execute(text(query), named).all()


def _schemas(context: Any) -> list[str]:
    named = {table.schema for table in state.model_tables(context) if table.schema}
    current = context.connection.exec_driver_sql("SELECT current_schema()").scalar()
    return sorted({current, context.version_table_schema, *named} - {None})
