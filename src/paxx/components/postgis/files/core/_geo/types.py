"""Column types for shapes on the globe: PostGIS in the database, GeoJSON types in Python."""

from collections.abc import Callable
from typing import Any

import geoalchemy2
from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Function,
    Index,
    Table,
    cast,
    event,
    literal_column,
    text,
)
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import DDLCompiler, SQLCompiler
from sqlalchemy.types import UserDefinedType

from core._geo.geojson import AnyShape, from_wkb, to_wkt

CREATE_EXTENSION = "CREATE EXTENSION IF NOT EXISTS postgis"
SRID = 4326  # longitude and latitude in degrees, as GPS and GeoJSON have them
KINDS = {
    *("POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON"),
    "GEOMETRY",  # any of them
}
DATABASES = {"mariadb": "MariaDB", "mysql": "MySQL", "sqlite": "SQLite"}


class PostgreSQLRequiredError(CompileError):
    """`DATABASE_URL` points to a database that cannot have PostGIS."""

    def __init__(self, dialect: str) -> None:
        database = DATABASES.get(dialect, dialect)
        super().__init__(
            f"PostGIS requires PostgreSQL, but DATABASE_URL points to {database}: set"
            " DATABASE_URL=postgresql+asyncpg://USER:PASSWORD@HOST:5432/NAME, and"
            " TEST_DATABASE_URL for tests"
        )


def require_postgresql(dialect: Dialect) -> None:
    """Raise PostgreSQLRequiredError if a database of this kind cannot have PostGIS."""
    if dialect.name != "postgresql":
        raise PostgreSQLRequiredError(dialect.name)


class _Shapes(UserDefinedType[Any]):
    """What both types have in common: their arguments, and the way of values in and out."""

    name: Any
    geometry_type: Any
    srid: Any

    def __init__(self, geometry_type: str = "POINT", srid: int = SRID) -> None:
        if geometry_type.upper() not in KINDS:
            message = f"`{geometry_type}` is none of {', '.join(sorted(KINDS))}"
            raise ValueError(message)
        if srid != SRID:
            message = f"SRID {srid}: these types hold degrees, SRID {SRID}; geoalchemy2 has others"
            raise ValueError(message)
        # `index=True` of the column makes the index; both would be two.
        parent: Any = super()
        parent.__init__(geometry_type=geometry_type, srid=srid, spatial_index=False)

    def column_expression(self, column: Any) -> ColumnElement[Any]:
        """Select the shape as well-known binary."""
        return PostGIS("ST_AsBinary", column, type_=self)

    def bind_expression(self, bindvalue: Any) -> ColumnElement[Any]:
        """Make the parameter a shape, which is read once and not for each row."""
        return FromText(str(self.name), bindvalue, type_=self)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Send shapes as text; text and the elements of geoalchemy2 go as they are."""
        parent: Any = super()
        other = parent.bind_processor(dialect)

        def process(value: Any) -> Any:
            return to_ewkt(value) if isinstance(value, AnyShape) else other(value)

        return process

    def literal_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        """Write the text into a statement, as for a look at its plan."""
        process = self.bind_processor(dialect)
        return lambda value: "'" + str(process(value)).replace("'", "''") + "'"

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Receive shapes as their types."""
        return lambda value: None if value is None else from_wkb(bytes(value))


class Geography(_Shapes, geoalchemy2.Geography):
    """Shapes on the globe: distances in metres, edges along great circles."""

    cache_ok = True


class Geometry(_Shapes, geoalchemy2.Geometry):
    """Shapes on a map with degrees as its grid: fast boxes, straight edges, no distances."""

    cache_ok = True


class Outline(Geometry):
    """A shape of the map whose edges on the globe follow parallels and meridians.

    An edge takes the shortest way, not the parallel: in pieces of a degree it is up to 0.0012
    degrees off.
    """

    cache_ok = True

    def bind_expression(self, bindvalue: Any) -> ColumnElement[Any]:
        """Cut the edges into pieces."""
        flat = super().bind_expression(bindvalue)
        return cast(PostGIS("ST_Segmentize", flat, literal_column("1.0")), Geography("GEOMETRY"))


class PostGIS(Function[Any]):
    """A function of PostGIS, which no other database is asked for."""

    inherit_cache = True


class FromText(PostGIS):
    """A text as a shape; named as the type is."""

    inherit_cache = True


class InBox(PostGIS):
    """Whether a shape on the globe (first) meets a box (last), with the outline for its index."""

    inherit_cache = True


def to_ewkt(shape: AnyShape) -> str:
    """Return the shape as text with its reference system."""
    return f"SRID={SRID};{to_wkt(shape)}"


@compiles(PostGIS)
def _call_on_postgresql(function: PostGIS, compiler: SQLCompiler, **options: Any) -> str:
    require_postgresql(compiler.dialect)
    return compiler.visit_function(function, **options)


@compiles(FromText)
def _cast_on_postgresql(function: FromText, compiler: SQLCompiler, **options: Any) -> str:
    require_postgresql(compiler.dialect)
    return f"CAST({compiler.process(function.clauses, **options)} AS {function.name})"


@compiles(InBox)
def _box_on_postgresql(function: InBox, compiler: SQLCompiler, **options: Any) -> str:
    require_postgresql(compiler.dialect)
    column, outline, box = (compiler.process(each, **options) for each in function.clauses)
    return f"({column} && {outline} AND ST_Intersects(CAST({column} AS geometry), {box}))"


@compiles(Geography)
@compiles(Geometry)
def _declare_on_postgresql(type_: _Shapes, compiler: DDLCompiler, **_: Any) -> str:
    require_postgresql(compiler.dialect)
    return f"{type_.name}({type_.geometry_type},{type_.srid})"


# Ahead of geoalchemy2, which begins to rearrange the table for SpatiaLite.
@event.listens_for(Table, "before_create", insert=True)
def _create_on_postgresql(table: Table, connection: Connection, **_: object) -> None:
    if any(isinstance(column.type, _Shapes) for column in table.columns):
        require_postgresql(connection.dialect)
        connection.execute(text(CREATE_EXTENSION))


@event.listens_for(Index, "after_parent_attach")
def _index_with_gist(index: Index, _: Table) -> None:
    """Turn the index of a shape into the one kind that its queries can use."""
    columns = list(index.columns)
    chosen = index.unique or index.dialect_options["postgresql"]["using"]
    if not chosen and len(columns) == 1 and isinstance(columns[0].type, _Shapes):
        index.dialect_kwargs["postgresql_using"] = "gist"
