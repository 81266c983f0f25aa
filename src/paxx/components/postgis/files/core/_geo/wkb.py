"""Read well-known binary, the form in which PostGIS hands out shapes."""

import struct
from collections.abc import Callable
from typing import Any

from core._geo.geojson import (
    AnyShape,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
)

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
