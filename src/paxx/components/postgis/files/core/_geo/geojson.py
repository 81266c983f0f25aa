"""Shapes on the globe as GeoJSON (RFC 7946), and their forms in PostGIS.

Coordinates are longitude first, as GeoJSON has them; `Point.at` takes them by name.
"""

import struct
from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Longitude = Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False)]
Position = tuple[Longitude, Latitude]


def _closed(ring: tuple[Position, ...]) -> tuple[Position, ...]:
    if ring[0] != ring[-1]:
        raise ValueError("the last position of a ring repeats the first")
    return ring


Line = Annotated[tuple[Position, ...], Field(min_length=2)]
Ring = Annotated[tuple[Position, ...], Field(min_length=4), AfterValidator(_closed)]
Rings = Annotated[tuple[Ring, ...], Field(min_length=1)]
# Requests say where something is. The database may hold shapes that are nowhere, without a part.
Points = Annotated[tuple[Position, ...], Field(min_length=1)]
Lines = Annotated[tuple[Line, ...], Field(min_length=1)]
Polygons = Annotated[tuple[Rings, ...], Field(min_length=1)]


class _GeoJSON(BaseModel):
    # Frozen: the session notices a new value, never a change inside of one.
    model_config = ConfigDict(frozen=True)


class Point(_GeoJSON):
    """A position."""

    type: Literal["Point"] = "Point"
    coordinates: Position

    @classmethod
    def at(cls, *, lat: float, lng: float) -> Self:
        """Return the point at degrees; ValueError outside of ±90 and ±180."""
        return cls(coordinates=(lng, lat))

    @property
    def lat(self) -> float:
        """Degrees north."""
        return self.coordinates[1]

    @property
    def lng(self) -> float:
        """Degrees east."""
        return self.coordinates[0]


class LineString(_GeoJSON):
    """Two positions or more."""

    type: Literal["LineString"] = "LineString"
    coordinates: Line


class Polygon(_GeoJSON):
    """An outer ring, then its holes."""

    type: Literal["Polygon"] = "Polygon"
    coordinates: Rings


class MultiPoint(_GeoJSON):
    """Several points."""

    type: Literal["MultiPoint"] = "MultiPoint"
    coordinates: Points


class MultiLineString(_GeoJSON):
    """Several lines."""

    type: Literal["MultiLineString"] = "MultiLineString"
    coordinates: Lines


class MultiPolygon(_GeoJSON):
    """Several polygons."""

    type: Literal["MultiPolygon"] = "MultiPolygon"
    coordinates: Polygons


AnyShape = Point | LineString | Polygon | MultiPoint | MultiLineString | MultiPolygon
# For a field of a request: the member `type` decides which one it is.
Shape = Annotated[AnyShape, Field(discriminator="type")]


def to_wkt(shape: AnyShape) -> str:
    """Return the shape as text that PostGIS reads without loss."""
    # A point is the one shape whose coordinates are not a list of parts.
    parts = [shape.coordinates] if isinstance(shape, Point) else shape.coordinates
    return f"{shape.type.upper()}{_parenthesised(parts)}"


def _parenthesised(part: Any) -> str:
    if not part:
        return " EMPTY"
    if isinstance(part[0], (int, float)):
        return f"{float(part[0])!r} {float(part[1])!r}"
    return f"({', '.join(_parenthesised(each) for each in part)})"


Coordinates = tuple[Any, ...]


class _Reader:
    """A position in the bytes, and the byte order of the shape that is being read."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.offset = 0
        self.order = "<"

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(self.order + layout, self.data, self.offset)
        self.offset += struct.calcsize(self.order + layout)
        return values

    def header(self) -> int:
        (little,) = self.take("B")
        self.order = "<" if little else ">"
        (kind,) = self.take("I")
        return int(kind)

    def positions(self) -> Coordinates:
        (count,) = self.take("I")
        flat = self.take(f"{2 * count}d")
        return tuple(zip(flat[::2], flat[1::2], strict=True))

    def rings(self) -> Coordinates:
        (count,) = self.take("I")
        return tuple(self.positions() for _ in range(count))

    def members(self) -> Coordinates:
        (count,) = self.take("I")
        return tuple(_KINDS[self.header()][1](self) for _ in range(count))


_KINDS: dict[int, tuple[type[AnyShape], Callable[[_Reader], Coordinates]]] = {
    1: (Point, lambda reader: reader.take("2d")),
    2: (LineString, _Reader.positions),
    3: (Polygon, _Reader.rings),
    4: (MultiPoint, _Reader.members),
    5: (MultiLineString, _Reader.members),
    6: (MultiPolygon, _Reader.members),
}


def from_wkb(data: bytes) -> AnyShape:
    """Return the shape; NotImplementedError for collections, curves and a third dimension.

    What the database holds is taken as it is: coordinates are not checked again.
    """
    reader = _Reader(data)
    kind = reader.header()
    if kind not in _KINDS:
        message = f"no type for well-known binary of kind {kind}: select ST_AsGeoJSON(column)"
        raise NotImplementedError(message)
    shape, read = _KINDS[kind]
    return shape.model_construct(coordinates=read(reader))
