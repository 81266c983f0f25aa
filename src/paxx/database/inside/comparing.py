"""Make Alembic compare what it leaves out, and write it into revisions."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from paxx.database.inside import definitions, enumerations
from paxx.database.inside.differences import manual, not_compared

Facts = dict[str, Any]

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
    renderers.dispatch_for(ops.CreateCheckConstraintOp, replace=True)(enumerations.rendered_check)
    renderers.dispatch_for(ops.ExecuteSQLOp, replace=True)(enumerations.rendered)


def configured(options: Facts) -> Facts:
    """Return the options of `env.py` with what it takes to compare all of the models."""
    connection, metadata = options.get("connection"), options.get("target_metadata")
    if connection is None or metadata is None:
        return options
    changed = dict(options)
    if options.get("compare_type", True) is False:
        not_compared.append("types of columns, as `env.py` passes `compare_type=False`")
    if not options.get("compare_server_default"):
        not_compared.append(
            "server defaults, as `env.py` does not pass `compare_server_default=True`"
        )
    if connection.dialect.name == "postgresql":
        several = metadata if isinstance(metadata, (list, tuple)) else [metadata]
        tables = [table for each in several for table in each.tables.values()]
        changed["include_name"] = _names(connection, tables, options)
        in_schemas = any(table.schema for table in tables)
        changed["include_schemas"] = bool(options.get("include_schemas")) or in_schemas
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


@dataclass(frozen=True, slots=True)
class _Pair:
    """A table as the database and as the models have it; `changes` are those to write."""

    context: Any
    changes: Any
    schema: str | None
    name: str
    found: Any
    model: Any

    def describe(self, kind: str, name: str) -> str:
        """Return what a part of the table is called in messages."""
        return _PARTS[kind].format(table=self.model.fullname, name=name)

    def leave(self, what: str) -> None:
        """Note a difference that is left to the user."""
        none = {"column": None, "rows": None, "before": None}
        manual.append({"kind": "manual", "table": self.model.fullname, **none, "after": what})


def _table(context: Any, changes: Any, *tables: Any) -> None:
    """Compare the parts of a table that is in the database and in the models."""
    pair = _Pair(context, changes, *tables)
    if pair.found is None or pair.model is None:
        return
    _state_types(changes)
    kept = definitions.kept(context.connection, pair.name, pair.schema)
    wanted, refused = definitions.wanted(context.connection, pair.model, pair.name, pair.schema)
    is_new = any(type(each).__name__ == "AddColumnOp" for each in changes.ops)
    for key in refused & kept.keys():
        if not is_new:  # a column that it names is not there yet
            not_compared.append(pair.describe(*key))
            wanted[key] = kept[key]
    _checks(pair, kept, wanted)
    differing = sorted(key for key in kept.keys() & wanted.keys() if kept[key] != wanted[key])
    _indexes(pair, [name for kind, name in differing if kind == "index"])
    for key in differing:
        if key[0] in {"computed", "exclude"}:
            pair.leave(pair.describe(*key))
    keys = [[column.name for column in each.primary_key] for each in (pair.found, pair.model)]
    if sorted(keys[0]) != sorted(keys[1]):
        pair.leave(f"the primary key of `{pair.model.fullname}`")


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
    pair: _Pair, kept: dict[definitions.Key, str], wanted: dict[definitions.Key, str]
) -> None:
    dialect, table = pair.context.dialect, pair.model.fullname
    before = {key: text for (kind, key), text in kept.items() if kind == "check"}
    listed = {getattr(each, "constraint_name", None) for each in pair.changes.ops}
    added: list[tuple[str | None, str]] = []
    for number, check in enumerate(definitions.checks_of(pair.model, dialect)):
        named = definitions.name_of(check, dialect)
        after = wanted.get(("check", named or f"unnamed_{number}"))
        alike = (name for name, text in before.items() if text == after)
        same = named if named in before else next(alike, None)
        if same is not None and (before[same] == after or named is None):
            del before[same]
        elif named not in listed:
            added.append((named, definitions.expression(check.sqltext, dialect)))
    if dialect.name == "sqlite" and any(each.isdigit() for each in before):
        not_compared.append(f"checks without a name of `{table}`")
        before = {each: text for each, text in before.items() if not each.isdigit()}
        added = [each for each in added if each[0] is not None]
    dropped = sorted(before.keys() - listed)
    # The batch mode copies a table with all of its columns, and a computed one takes no value.
    has_computed = any(column.computed is not None for column in pair.found.columns)
    if dialect.name == "sqlite" and (has_computed or not pair.context.opts.get("render_as_batch")):
        for name in sorted({*dropped, *(each or "" for each, _ in added)}):
            pair.leave(pair.describe("check", name))
        return
    _change(pair, dropped, added)


def _change(pair: _Pair, dropped: list[str], added: list[tuple[str | None, str]]) -> None:
    from alembic.operations import ops
    from sqlalchemy import inspect, text
    from sqlalchemy.sql.elements import conv

    inspector = inspect(pair.context.connection)
    reflected = inspector.get_check_constraints(pair.name, schema=pair.schema)
    texts = {each["name"]: each["sqltext"] for each in reflected}

    def create(name: str | None, sql: str) -> Any:
        condition = text(definitions.escaped(sql))
        return ops.CreateCheckConstraintOp(
            name and conv(name), pair.name, condition, schema=pair.schema
        )

    pair.changes.ops[:0] = [
        ops.DropConstraintOp(
            conv(name), pair.name, "check", schema=pair.schema, _reverse=create(name, texts[name])
        )
        for name in dropped
    ]
    pair.changes.ops.extend(create(name, sql) for name, sql in added)


def _indexes(pair: _Pair, names: list[str]) -> None:
    from alembic.operations import ops

    listed = {getattr(each, "index_name", None) for each in pair.changes.ops}
    for name in names:
        if name in listed:
            continue
        old = [each for each in pair.found.indexes if each.name == name]
        new = [each for each in pair.model.indexes if each.name == name]
        if old and new:
            pair.changes.ops.insert(0, ops.DropIndexOp.from_index(old[0]))
            pair.changes.ops.append(ops.CreateIndexOp.from_index(new[0]))
        else:
            pair.leave(pair.describe("index", name))


def _database(context: Any, upgrade: Any, _: Any) -> None:
    """Create schemas and types before what needs them, and change the values of types."""
    if context.dialect.name == "postgresql":
        upgrade.ops[:0] = [*_schemas(context, upgrade), *enumerations.changes(context, upgrade)]


def _schemas(context: Any, upgrade: Any) -> Iterator[Any]:
    from sqlalchemy import inspect

    there = inspect(context.connection).get_schema_names()
    needed = {getattr(each, "schema", None) or "" for each in upgrade.ops} - {"", *there}
    for schema in sorted(needed):
        quoted = context.dialect.identifier_preparer.quote_schema(schema)
        yield enumerations.executed([f"CREATE SCHEMA IF NOT EXISTS {quoted}"], [])
