"""Places in the database: column types, and the queries that use their index.

Degrees are always named, `lat` and `lng`, because their order is the classic mistake.
"""

import math
from collections.abc import Mapping
from typing import Any

import geoalchemy2
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Float,
    SQLColumnExpression,
    literal,
    or_,
    text,
)
from sqlalchemy.exc import ProgrammingError

from core._geo.geojson import (
    AnyShape,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    Shape,
)
from core._geo.types import (
    SRID,
    Geography,
    Geometry,
    InBox,
    Outline,
    PostGIS,
    require_postgresql,
)
from db.database import engine

__all__ = [
    "AnyShape",
    "Geography",
    "Geometry",
    "LineString",
    "MultiLineString",
    "MultiPoint",
    "MultiPolygon",
    "Point",
    "Polygon",
    "PostGISMissingError",
    "Shape",
    "bbox_filter",
    "distance_meters",
    "distance_within",
    "migrations",
    "nearest",
    "ready",
]

# The index is asked for a box that is wider by this many degrees: more than its edges are off.
MARGIN = 0.01
# Types are made once: they take more time than the rest of a condition.
POINT = Geography("POINT")
FLAT = Geometry("GEOMETRY")
OUTLINE = Outline("GEOMETRY")
YES_OR_NO = Boolean()
METRES = Float()

Column = SQLColumnExpression[Any]


class PostGISMissingError(RuntimeError):
    """The database has no PostGIS."""


def distance_within(
    column: Column, *, lat: float, lng: float, radius_meters: float
) -> ColumnElement[bool]:
    """Return the condition that a shape is at most this far from a point.

    Raises ValueError for degrees out of range and for a radius that is negative or not finite.
    """
    _check("radius_meters", radius_meters, 0, math.inf)
    wanted = (_on_the_globe(column), _point(lat, lng), float(radius_meters))
    return PostGIS("ST_DWithin", *wanted, type_=YES_OR_NO)


def distance_meters(column: Column, *, lat: float, lng: float) -> ColumnElement[float]:
    """Return the distance to a point in metres, on the spheroid.

    For the columns of a result. Conditions and order are for `distance_within` and `nearest`,
    which use the index. Raises ValueError for degrees out of range.
    """
    return PostGIS("ST_Distance", _on_the_globe(column), _point(lat, lng), type_=METRES)


def nearest(column: Column, *, lat: float, lng: float) -> ColumnElement[float]:
    """Return what to order by for the nearest first; with a limit it uses the index.

    Raises ValueError for degrees out of range.
    """
    return _on_the_globe(column).op("<->", return_type=METRES)(_point(lat, lng))


def bbox_filter(
    column: Column, *, west: float, south: float, east: float, north: float
) -> ColumnElement[bool]:
    """Return the condition that a shape meets a box of the map, edges included.

    A box with `west` greater than `east` crosses the antimeridian. Raises ValueError for degrees
    out of range and for `south` greater than `north`.
    """
    _check("west", west, -180, 180)
    _check("east", east, -180, 180)
    _check("south", south, -90, 90)
    _check("north", north, south, 90)
    if west <= east:
        return _in_box(column, west, south, east, north)
    return or_(_in_box(column, west, south, 180, north), _in_box(column, -180, south, east, north))


def migrations(connection: Connection | None) -> Mapping[str, Any]:
    """Return options for Alembic's `configure`; there is no connection when SQL is only written.

    Raises PostgreSQLRequiredError where models have shapes and the database is not PostgreSQL.
    """
    from core._geo.migrations import options  # needs Alembic, which serves no request

    return options(connection)


async def ready() -> None:
    """Return when the database answers and has PostGIS; else raise PostGISMissingError.

    Raises PostgreSQLRequiredError for another database than PostgreSQL.
    """
    require_postgresql(engine.dialect)
    async with engine.connect() as connection:
        try:
            await connection.execute(text("SELECT postgis_lib_version()"))
        except ProgrammingError as error:
            message = "the database lacks the extension: CREATE EXTENSION postgis"
            raise PostGISMissingError(message) from error


def _in_box(
    column: Column, west: float, south: float, east: float, north: float
) -> ColumnElement[bool]:
    box = literal(_box(west, south, east, north), FLAT)
    if isinstance(_type_of(column), geoalchemy2.Geometry):
        return PostGIS("ST_Intersects", column, box, type_=YES_OR_NO)
    wider = _box(
        *(max(west - MARGIN, -180), max(south - MARGIN, -90)),
        *(min(east + MARGIN, 180), min(north + MARGIN, 90)),
    )
    shape, outline = _on_the_globe(column), literal(wider, OUTLINE)
    return InBox("in_box", shape, outline, box, type_=YES_OR_NO)


def _box(west: float, south: float, east: float, north: float) -> str:
    first, last = f"{float(west)!r} {float(south)!r}", f"{float(east)!r} {float(north)!r}"
    if first == last:
        return f"SRID={SRID};POINT({first})"
    if west == east or south == north:  # a polygon without area is none
        return f"SRID={SRID};LINESTRING({first},{last})"
    left, right = f"{float(west)!r} {float(north)!r}", f"{float(east)!r} {float(south)!r}"
    return f"SRID={SRID};POLYGON(({first},{left},{last},{right},{first}))"


def _point(lat: float, lng: float) -> Column:
    _check("lat", lat, -90, 90)
    _check("lng", lng, -180, 180)
    return literal(f"SRID={SRID};POINT({float(lng)!r} {float(lat)!r})", POINT)


def _check(name: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        message = f"`{name}` is {value}, not within {low} to {high}"
        raise ValueError(message)


def _on_the_globe(column: Column) -> Column:
    if not isinstance(_type_of(column), geoalchemy2.Geography):
        message = f"metres need a column of type Geography, not {_type_of(column)!r}"
        raise TypeError(message)
    return column


def _type_of(column: Column) -> Any:
    return getattr(column, "type", None)
