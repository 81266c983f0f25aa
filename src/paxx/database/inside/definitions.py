"""Checks, expressions and predicates: as a database keeps them, and as it would keep a model's.

PostgreSQL rewrites an expression that it is given, so that what a model has is put on a temporary
table, in a transaction that is rolled back. SQLite keeps the text.
"""

import re
from collections.abc import Iterator
from typing import Any

from paxx.database.inside.differences import not_compared

Key = tuple[str, str]
"""A kind (`check`, `index`, `computed`, `default`) and a name."""

TEMPORARY = "paxx_compared"
PLACE = f"pg_temp.{TEMPORARY}"

_COLUMNS = """
    SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
    WHERE attrelid = CAST(:relation AS oid) AND attnum > 0 AND NOT attisdropped
"""
_DEFINITIONS = """
    SELECT CASE contype WHEN 'c' THEN 'check' ELSE 'exclude' END, conname,
           regexp_replace(pg_get_constraintdef(oid), ' NOT VALID$', '')
    FROM pg_constraint WHERE conrelid = CAST(:relation AS oid) AND contype IN ('c', 'x')
  UNION ALL
    SELECT 'index', class.relname, regexp_replace(pg_get_indexdef(class.oid), '^.*? USING ', '')
    FROM pg_index AS index JOIN pg_class AS class ON class.oid = index.indexrelid
    WHERE indrelid = CAST(:relation AS oid)
  UNION ALL
    SELECT CASE attgenerated WHEN '' THEN 'default' ELSE 'computed' END, attname,
           pg_get_expr(adbin, adrelid)
    FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
    WHERE adrelid = CAST(:relation AS oid)
"""
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(\w+)\"|`(\w+)`|\[(\w+)\]|\w+|[^\w\s]")


def plain(compiled: Any, dialect: Any) -> str:
    """Return the SQL of something compiled, without what a driver wants of a percent sign."""
    text = str(compiled)
    return text.replace("%%", "%") if dialect.identifier_preparer._double_percents else text  # noqa: SLF001


def expression(clause: Any, dialect: Any) -> str:
    """Return the SQL of an expression of a model, as it stands in a definition."""
    if isinstance(clause, str):
        return clause
    options = {"literal_binds": True, "include_table": False}
    return plain(clause.compile(dialect=dialect, compile_kwargs=options), dialect)


def name_of(item: Any, dialect: Any) -> str | None:
    """Return the name of a constraint or an index as conventions make it, None without one."""
    preparer = dialect.identifier_preparer
    is_index = item.__visit_name__ == "index"
    quoted = (preparer.format_index if is_index else preparer.format_constraint)(item)
    if not quoted:
        return None
    is_quoted = quoted.startswith(preparer.initial_quote)
    return quoted[1:-1].replace('""', '"') if is_quoted else str(quoted)


def checks_of(table: Any, dialect: Any) -> list[Any]:
    """Return the checks of a model's table which this database gets."""
    compiler = dialect.ddl_compiler(dialect, None)
    found = [
        each
        for each in table.constraints
        if each.__visit_name__.endswith("check_constraint")
        and (each._create_rule is None or each._create_rule(compiler))  # noqa: SLF001
    ]
    return sorted(found, key=lambda each: (name_of(each, dialect) or "", str(each.sqltext)))


def kept(connection: Any, table: str, schema: str | None) -> dict[Key, str]:
    """Return the definitions that the database has of a table."""
    from sqlalchemy import inspect, text

    if connection.dialect.name == "postgresql":
        relation = _relation(connection, table, schema)
        rows = connection.execute(text(_DEFINITIONS), {"relation": relation})
        return {(kind, name): definition for kind, name, definition in rows}
    found = {}
    inspector = inspect(connection)
    for number, check in enumerate(inspector.get_check_constraints(table, schema=schema)):
        found["check", check["name"] or f"{number}"] = tokens(check["sqltext"])
    indexes = text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :table")
    for name, sql in connection.execute(indexes, {"table": table}):
        if sql:
            found["index", name] = tokens(sql[sql.index("(") :])
    for column in inspector.get_columns(table, schema=schema):
        if column.get("computed"):
            found["computed", column["name"]] = tokens(column["computed"]["sqltext"])
    return found


def escaped(sql: str) -> str:
    """Return SQL in which a colon begins no parameter."""
    return re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", sql)


def tokens(sql: str) -> str:
    """Return SQL without what makes no difference in it: spaces, quotes of names, upper case."""
    return " ".join(
        found[0] if found[0][0] == "'" else (found[1] or found[2] or found[3] or found[0]).lower()
        for found in _TOKEN.finditer(sql)
    )


def wanted(
    connection: Any, table: Any, name: str, schema: str | None
) -> tuple[dict[Key, str], set[Key]]:
    """Return the definitions that a model has, as the database would keep them.

    The keys are of those that it refuses. `name` and `schema` are those of the table that it has.
    """
    parts = list(_parts(table, connection.dialect))
    if connection.dialect.name != "postgresql":
        return {key: tokens(sql) for key, sql, _ in parts}, set()
    statements = {key: around.replace("{}", sql) for key, sql, around in parts}
    kept = _tried(connection, _relation(connection, name, schema), statements)
    return kept, statements.keys() - kept.keys()


def compare_defaults(context: Any) -> None:
    """Have server defaults compared as the database keeps them."""
    if context.connection is None:
        return
    compare = context.impl.compare_server_default
    own = {"postgresql": _is_another_default, "sqlite": _is_another_text}.get(context.dialect.name)

    def is_another(found: Any, column: Any, wanted: str | None, kept: str | None) -> bool:
        answer = None
        if own and wanted is not None and kept is not None and "nextval(" not in kept:
            answer = own(context, column, kept)
        return bool(compare(found, column, wanted, kept) if answer is None else answer)

    context.impl.compare_server_default = is_another


def _is_another_text(_: Any, column: Any, kept: str) -> bool | None:
    text = column.server_default.arg
    is_same = isinstance(text, str) and kept == "'{}'".format(text.replace("'", "''"))
    return False if is_same else None


def _is_another_default(context: Any, column: Any, kept: str) -> bool:
    kind = column.type.compile(dialect=context.dialect)
    wanted = _default_kept(context.connection, column, kind)
    if wanted is None:
        not_compared.append(
            f"the default of `{column.table.fullname}.{column.name}`, which is refused"
        )
        return False
    return wanted.replace("CURRENT_TIMESTAMP", "now()") != kept.replace(
        "CURRENT_TIMESTAMP", "now()"
    )


def _default_kept(connection: Any, column: Any, kind: str) -> str | None:
    """Return how PostgreSQL would keep the default of a column, None where it refuses it."""
    from sqlalchemy import text

    default = connection.dialect.ddl_compiler(connection.dialect, None)
    sql = plain(default.get_column_default_string(column), connection.dialect)
    with connection.begin_nested() as savepoint:
        try:
            relation = _temporary(connection, f"value {kind}")
            connection.exec_driver_sql(f"ALTER TABLE {PLACE} ALTER COLUMN value SET DEFAULT {sql}")
            rows = connection.execute(text(_DEFINITIONS), {"relation": relation}).all()
            return str(rows[0][2]) if rows else None
        except Exception:  # noqa: BLE001 - of whatever driver
            return None
        finally:
            savepoint.rollback()


def _parts(table: Any, dialect: Any) -> Iterator[tuple[Key, str, str]]:
    """Yield the SQL of what a model defines, and the statement around it on PostgreSQL."""
    from sqlalchemy.schema import CreateIndex

    compiler = dialect.ddl_compiler(dialect, None)
    quote = dialect.identifier_preparer.quote
    alter = f"ALTER TABLE {PLACE}"
    for number, check in enumerate(checks_of(table, dialect)):
        name = name_of(check, dialect) or f"unnamed_{number}"
        sql = expression(check.sqltext, dialect)
        yield ("check", name), sql, f"{alter} ADD CONSTRAINT {quote(name)} CHECK ({{}})"
    for each in table.constraints:
        if each.__visit_name__ == "exclude_constraint" and dialect.name == "postgresql":
            sql = plain(compiler.process(each), dialect)
            yield ("exclude", name_of(each, dialect) or ""), sql, f"{alter} ADD {{}}"
    for index in table.indexes:
        created = plain(compiler.process(CreateIndex(index)), dialect)
        head, _, tail = created.partition(f" ON {compiler.preparer.format_table(table)} ")
        head = head.replace("INDEX CONCURRENTLY ", "INDEX ", 1)
        yield ("index", name_of(index, dialect) or ""), tail, f"{head} ON {PLACE} {{}}"
    for column in table.columns:
        if column.computed is not None:
            sql = expression(column.computed.sqltext, dialect)
            name = quote(column.name)
            again = f"{alter} DROP COLUMN {name}, ADD COLUMN {name} <type>"
            yield ("computed", column.name), sql, f"{again} GENERATED ALWAYS AS ({{}}) STORED"


def _relation(connection: Any, table: str, schema: str | None) -> Any:
    from sqlalchemy import text

    preparer = connection.dialect.identifier_preparer
    place = ".".join(preparer.quote_identifier(each) for each in (schema, table) if each)
    return connection.scalar(text("SELECT CAST(to_regclass(:place) AS oid)"), {"place": place})


def _temporary(connection: Any, columns: str) -> Any:
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {TEMPORARY} ({columns})")
    return _relation(connection, TEMPORARY, "pg_temp")


def _tried(connection: Any, original: Any, statements: dict[Key, str]) -> dict[Key, str]:
    from sqlalchemy import text

    quote = connection.dialect.identifier_preparer.quote_identifier
    types = dict(connection.execute(text(_COLUMNS), {"relation": original}).all())
    columns = ", ".join(f"{quote(name)} {kind}" for name, kind in types.items())
    with connection.begin_nested() as savepoint:
        try:
            relation = _temporary(connection, columns)
            for (_, name), statement in sorted(
                statements.items(), key=lambda each: each[0][0] != "computed"
            ):
                _attempt(connection, statement.replace("<type>", types.get(name, ""), 1))
            rows = connection.execute(text(_DEFINITIONS), {"relation": relation}).all()
        except Exception:  # noqa: BLE001 - of whatever driver: it may not even make a table
            return {}
        finally:
            savepoint.rollback()
    return {(kind, name): definition for kind, name, definition in rows}


def _attempt(connection: Any, statement: str) -> None:
    with connection.begin_nested() as attempt:
        try:
            connection.exec_driver_sql(statement)
        except Exception:  # noqa: BLE001 - of whatever driver
            attempt.rollback()
