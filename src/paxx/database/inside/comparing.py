"""Make Alembic compare what it leaves out, and write it into revisions."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

from paxx.database.inside import definitions, enumerations

Facts = dict[str, Any]

skipped: list[str] = []
"""What was not compared, in words."""
by_hand: list[Facts] = []
"""What differs and cannot be generated."""

_OTHERS = """
    SELECT namespace.nspname, class.relname, pg_table_is_visible(class.oid)
    FROM pg_class AS class JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
    WHERE class.relispartition
       OR EXISTS (SELECT 1 FROM pg_inherits WHERE inhrelid = class.oid)
       OR EXISTS (
         SELECT 1 FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = class.oid
           AND deptype = 'e'
       )
"""
"""Tables that come with another one, or with an extension."""

_PARTS = {
    "computed": "the computed column `{table}.{name}`",
    "exclude": "the constraint `{name}` of `{table}`",
    "index": "the index `{name}` of `{table}`",
    "check": "the constraint `{name}` of `{table}`",
}


def start() -> None:
    """Have all of it compared from now on."""
    from alembic.autogenerate import comparators, renderers
    from alembic.operations import ops

    try:
        from alembic.util import DispatchPriority
    except ImportError:  # before 1.18 they are called in the order of their registration
        last: Facts = {}
    else:
        last = {"priority": DispatchPriority.LAST}
    warnings.filterwarnings("ignore", message="Computed default on")
    comparators.dispatch_for("table", **last)(_table)
    comparators.dispatch_for("schema", **last)(_database)
    renderers.dispatch_for(ops.CreateCheckConstraintOp, replace=True)(_rendered_check)
    renderers.dispatch_for(ops.ExecuteSQLOp, replace=True)(enumerations.rendered)


def configured(options: Facts) -> Facts:
    """Return the options of `env.py` with what it takes to compare all of the models."""
    connection, metadata = options.get("connection"), options.get("target_metadata")
    if connection is None or metadata is None:
        return options
    changed = dict(options)
    if options.get("compare_type", True) is False:
        skipped.append("types of columns, as `env.py` passes `compare_type=False`")
    if not options.get("compare_server_default"):
        skipped.append("server defaults, as `env.py` does not pass `compare_server_default=True`")
    if connection.dialect.name == "postgresql":
        several = metadata if isinstance(metadata, (list, tuple)) else [metadata]
        tables = [table for each in several for table in each.tables.values()]
        changed["include_name"] = _names(connection, tables, options)
        changed["include_schemas"] = bool(options.get("include_schemas")) or any(
            table.schema for table in tables
        )
    return changed


def _names(connection: Any, tables: list[Any], options: Facts) -> Callable[..., bool]:
    """Return the filter of names: of other schemas than those of `env.py` the tables of models."""
    modelled = {(table.schema, table.name) for table in tables}
    asked = options.get("include_name")
    everywhere = bool(options.get("include_schemas"))
    others: set[tuple[str | None, str]] | None = None

    def include(name: str | None, kind: str, parents: Facts) -> bool:
        nonlocal others
        schema = parents.get("schema_name")
        if kind == "schema" and name is not None and not everywhere:
            return any(name == each for each, _ in modelled)
        if kind == "table" and (schema, name) not in modelled:
            others = _others(connection) if others is None else others
            if (schema, name) in others or (schema is not None and not everywhere):
                return False
        return asked is None or bool(asked(name, kind, parents))

    return include


def _others(connection: Any) -> set[tuple[str | None, str]]:
    from sqlalchemy import text

    found: set[tuple[str | None, str]] = set()
    for schema, table, is_visible in connection.execute(text(_OTHERS)):
        found |= {(schema, table), (None, table)} if is_visible else {(schema, table)}
    return found


def attach(context: Any) -> None:
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
    wanted = definitions.default_kept(context.connection, column, kind)
    if wanted is None:
        skipped.append(f"the default of `{column.table.fullname}.{column.name}`, which is refused")
        return False
    return wanted.replace("CURRENT_TIMESTAMP", "now()") != kept.replace(
        "CURRENT_TIMESTAMP", "now()"
    )


def _table(
    context: Any, changes: Any, schema: str | None, name: str, found: Any, model: Any
) -> None:
    """Compare the parts of a table that is in the database and in the models."""
    if found is None or model is None:
        return
    dialect = context.dialect
    _state_types(changes)
    kept = definitions.kept(context.connection, name, schema)
    wanted, refused = definitions.wanted(context.connection, model, name, schema)
    is_new = any(type(each).__name__ == "AddColumnOp" for each in changes.ops)
    for key in refused & kept.keys():
        if not is_new:  # a column that it names is not there yet
            skipped.append(_PARTS[key[0]].format(table=model.fullname, name=key[1]))
            wanted[key] = kept[key]
    _checks(context, changes, schema, name, model, kept, wanted)
    differing = {key for key in kept.keys() & wanted.keys() if kept[key] != wanted[key]}
    _indexes(changes, {key for kind, key in differing if kind == "index"}, found, model)
    for kind, part in sorted(differing):
        if kind in {"computed", "exclude"}:
            _by_hand(model.fullname, _PARTS[kind].format(table=model.fullname, name=part))
    keys = [[column.name for column in each.primary_key.columns] for each in (found, model)]
    if sorted(keys[0]) != sorted(keys[1]):
        _by_hand(model.fullname, f"the primary key of `{model.fullname}`")


def _by_hand(table: str, what: str) -> None:
    none = {"column": None, "rows": None, "before": None}
    by_hand.append({"kind": "by hand", "table": table, **none, "after": what})


def _state_types(changes: Any) -> None:
    """Write a type without the check that it brings, which is compared by itself."""
    for each in changes.ops:
        if type(each).__name__ == "AlterColumnOp" and each.modify_type is not None:
            each.modify_type = _bare(each.modify_type)
        elif type(each).__name__ == "AddColumnOp":
            each.column = each.column._copy()  # noqa: SLF001
            each.column.type = _bare(each.column.type)


def _bare(kind: Any) -> Any:
    from sqlalchemy import Boolean, Enum, String

    if not getattr(kind, "create_constraint", False):
        return kind
    if isinstance(kind, Enum):
        return kind if kind.native_enum else String(length=kind.length)
    return Boolean() if isinstance(kind, Boolean) else kind


def _checks(
    context: Any,
    changes: Any,
    schema: str | None,
    name: str,
    model: Any,
    kept: dict[definitions.Key, str],
    wanted: dict[definitions.Key, str],
) -> None:
    dialect = context.dialect
    before = {key: text for (kind, key), text in kept.items() if kind == "check"}
    listed = {getattr(each, "constraint_name", None) for each in changes.ops}
    added = []
    for number, check in enumerate(definitions.checks_of(model, dialect)):
        named = definitions.name_of(check, dialect)
        after = wanted.get(("check", named or f"unnamed_{number}"))
        same = named if named in before else _same(before, after)
        if same is not None and (before[same] == after or named is None):
            del before[same]
        elif named not in listed:
            added.append((named, definitions.expression(check.sqltext, dialect)))
    if dialect.name == "sqlite" and any(each.isdigit() for each in before):
        skipped.append(f"checks without a name of `{model.fullname}`")
        before = {each: text for each, text in before.items() if not each.isdigit()}
        added = [each for each in added if each[0] is not None]
    if dialect.name == "sqlite" and not context.opts.get("render_as_batch"):
        for constraint in {*before, *(each or "" for each, _ in added)} - listed:
            _by_hand(model.fullname, f"the constraint `{constraint}` of `{model.fullname}`")
        return
    _change(changes, schema, name, [each for each in before if each not in listed], added, context)


def _same(before: dict[str, str], after: str | None) -> str | None:
    return next((name for name, text in before.items() if text == after), None)


def _change(
    changes: Any,
    schema: str | None,
    table: str,
    dropped: list[str],
    added: list[tuple[str | None, str]],
    context: Any,
) -> None:
    from alembic.operations import ops
    from sqlalchemy import inspect, text
    from sqlalchemy.sql.elements import conv

    reflected = inspect(context.connection).get_check_constraints(table, schema=schema)
    texts = {each["name"]: each["sqltext"] for each in reflected}

    def create(name: str | None, sql: str) -> Any:
        return ops.CreateCheckConstraintOp(
            name and conv(name), table, text(definitions.escaped(sql)), schema=schema
        )

    changes.ops[:0] = [
        ops.DropConstraintOp(
            conv(name), table, "check", schema=schema, _reverse=create(name, texts[name])
        )
        for name in sorted(dropped)
    ]
    changes.ops.extend(create(name, sql) for name, sql in added)


def _rendered_check(context: Any, operation: Any) -> str:
    from alembic.autogenerate import render

    prefix = render._alembic_autogenerate_prefix(context)  # noqa: SLF001
    module = render._sqlalchemy_autogenerate_prefix(context)  # noqa: SLF001
    name = operation.constraint_name
    arguments = ["None" if name is None else f"{prefix}f({str(name)!r})"]
    if not context._has_batch:  # noqa: SLF001
        arguments.append(repr(str(operation.table_name)))
    sql = definitions.expression(operation.condition, context.dialect)
    arguments.append(f"{module}text({definitions.escaped(sql)!r})")
    if operation.schema and not context._has_batch:  # noqa: SLF001
        arguments.append(f"schema={operation.schema!r}")
    return f"{prefix}create_check_constraint({', '.join(arguments)})"


def _indexes(changes: Any, names: set[str], found: Any, model: Any) -> None:
    from alembic.operations import ops

    listed = {getattr(each, "index_name", None) for each in changes.ops}
    for name in sorted(names - listed):
        old = [each for each in found.indexes if each.name == name]
        new = [each for each in model.indexes if each.name == name]
        if not (old and new):
            _by_hand(model.fullname, _PARTS["index"].format(table=model.fullname, name=name))
            continue
        changes.ops.insert(0, ops.DropIndexOp.from_index(old[0]))
        changes.ops.append(ops.CreateIndexOp.from_index(new[0]))


def _database(context: Any, upgrade: Any, _: Any) -> None:
    """Create schemas and types before what needs them, and change the values of types."""
    if context.dialect.name == "postgresql":
        upgrade.ops[:0] = [*_schemas(context, upgrade), *enumerations.changes(context, upgrade)]


def _schemas(context: Any, upgrade: Any) -> Iterator[Any]:
    from sqlalchemy import inspect

    there = inspect(context.connection).get_schema_names()
    needed = {getattr(each, "schema", None) for each in upgrade.ops} - {None, *there}
    for schema in sorted(needed):
        quoted = context.dialect.identifier_preparer.quote_schema(schema)
        yield enumerations.executed([f"CREATE SCHEMA IF NOT EXISTS {quoted}"], [])
