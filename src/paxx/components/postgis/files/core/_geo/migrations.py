"""What Alembic has to know of PostGIS: its types, its extension and the tables to leave alone."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import geoalchemy2
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from core._geo.types import CREATE_EXTENSION, require_postgresql
from db.database import Base

SHAPES = (geoalchemy2.Geography, geoalchemy2.Geometry)
# The tables of extensions: PostGIS, what its images add to it, and any other. A table without
# its schema is seen only through the search path and where none of the same name is before it.
OWNED = text(
    """
    SELECT namespace.nspname, class.relname, pg_table_is_visible(class.oid)
    FROM pg_class AS class
    JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
    JOIN pg_depend AS depend ON depend.classid = 'pg_class'::regclass AND depend.objid = class.oid
    WHERE depend.deptype = 'e' AND class.relkind IN ('r', 'p', 'f')
    """
)


def options(connection: Connection | None) -> Mapping[str, Any]:
    """Return what `core.geo.migrations` does."""
    always = {"render_item": render_type, "process_revision_directives": create_extension}
    if connection is None:
        return always
    columns = (column for table in Base.metadata.tables.values() for column in table.columns)
    if any(isinstance(column.type, SHAPES) for column in columns):
        require_postgresql(connection.dialect)
    if connection.dialect.name != "postgresql":
        return {}
    return {**always, "include_name": not_of_an_extension(connection)}


def render_type(kind: str, item: object, context: AutogenContext) -> str | Literal[False]:
    """Write a shape's type as geoalchemy2 has it: revisions do not depend on the project."""
    if kind != "type" or not isinstance(item, SHAPES):
        return False
    name = "Geography" if isinstance(item, geoalchemy2.Geography) else "Geometry"
    context.imports.add(f"from geoalchemy2 import {name}")
    return f"{name}({item.geometry_type!r}, srid={item.srid}, spatial_index=False)"


def create_extension(
    _: MigrationContext, __: object, directives: list[ops.MigrationScript]
) -> None:
    """Put the extension in front of a revision that brings a shape; nothing drops it again."""
    for directive in directives:
        upgrade = directive.upgrade_ops
        if upgrade is not None and _brings_a_shape(upgrade):
            upgrade.ops.insert(0, ops.ExecuteSQLOp(CREATE_EXTENSION))


def _brings_a_shape(operation: ops.MigrateOperation) -> bool:
    if isinstance(operation, ops.OpContainer):
        return any(_brings_a_shape(each) for each in operation.ops)
    if isinstance(operation, ops.CreateTableOp):
        return any(isinstance(getattr(each, "type", None), SHAPES) for each in operation.columns)
    if isinstance(operation, ops.AddColumnOp):
        return isinstance(operation.column.type, SHAPES)
    return isinstance(operation, ops.AlterColumnOp) and isinstance(operation.modify_type, SHAPES)


def not_of_an_extension(connection: Connection) -> Callable[..., bool]:
    """Return the filter of names that keeps the tables of extensions out of revisions."""
    owned: set[tuple[str | None, str]] = set()
    for schema, table, visible in connection.execute(OWNED):
        owned |= {(schema, table), (None, table)} if visible else {(schema, table)}
    connection.rollback()  # Alembic commits only the transaction that it began itself

    def include(name: str | None, kind: str, parents: Mapping[str, str | None]) -> bool:
        return kind != "table" or (parents.get("schema_name"), name) not in owned

    return include
