"""Shapes as GeoJSON, and the forms in which the database takes and gives them."""

import math
import struct

import pytest
from pydantic import TypeAdapter, ValidationError

from core._geo.geojson import to_wkt
from core._geo.wkb import from_wkb
from core.geo import (
    AnyShape,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    Shape,
)

PARIS = Point.at(lat=48.8566, lng=2.3522)
RING = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 0.0))
WKB_KINDS = {"MultiPoint": 4, "MultiLineString": 5, "MultiPolygon": 6}
SHAPES: list[AnyShape] = [
    PARIS,
    LineString(coordinates=((0.0, 0.0), (1.5, 1e-7))),
    Polygon(coordinates=(RING, ((1.0, 0.5), (2.0, 0.5), (2.0, 1.0), (1.0, 0.5)))),
    MultiPoint(coordinates=((0.1, 0.2), (-179.9, -89.9))),
    MultiLineString(coordinates=(((0.0, 0.0), (1.0, 1.0)), ((2.0, 2.0), (3.0, 3.0)))),
    MultiPolygon(coordinates=((RING,),)),
]


def test_a_point_is_geojson_longitude_first() -> None:
    assert PARIS.model_dump() == {"type": "Point", "coordinates": (2.3522, 48.8566)}
    assert Point.model_validate_json('{"type": "Point", "coordinates": [2.3522, 48.8566]}') == PARIS
    assert (PARIS.lat, PARIS.lng) == (48.8566, 2.3522)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.type)
def test_a_request_names_the_kind_of_its_shape(shape: AnyShape) -> None:
    read: AnyShape = TypeAdapter(Shape).validate_json(shape.model_dump_json())
    assert read == shape


@pytest.mark.parametrize(
    "coordinates",
    [
        *((181, 0), (0, -91), (math.nan, 0), (0, math.inf)),
        *(("1", 2), (1, 2, 3), (1,), (True, 0)),
    ],
)
def test_a_position_that_is_none_is_refused(coordinates: object) -> None:
    with pytest.raises(ValidationError):
        Point.model_validate({"type": "Point", "coordinates": coordinates})


def test_a_ring_is_closed_and_a_line_has_a_length() -> None:
    with pytest.raises(ValidationError, match="repeats the first"):
        Polygon(coordinates=((*RING[:3], (1.0, 1.0)),))
    with pytest.raises(ValidationError):
        LineString(coordinates=((0.0, 0.0),))


@pytest.mark.parametrize("kind", ["MultiPoint", "MultiLineString", "MultiPolygon"])
def test_a_shape_without_parts_is_refused_and_read(kind: str) -> None:
    request = {"type": kind, "coordinates": []}
    with pytest.raises(ValidationError, match="at least 1 item"):
        TypeAdapter[AnyShape](Shape).validate_python(request)
    stored = from_wkb(struct.pack("<BII", 1, WKB_KINDS[kind], 0))
    assert stored.model_dump() == {"type": kind, "coordinates": ()}
    assert to_wkt(stored) == f"{kind.upper()} EMPTY"


def test_a_shape_is_a_value() -> None:
    assert {PARIS, Point.at(lat=48.8566, lng=2.3522)} == {PARIS}
    with pytest.raises(ValidationError, match="frozen"):
        PARIS.coordinates = (0.0, 0.0)  # type: ignore[misc]


def test_text_for_the_database_loses_nothing() -> None:
    assert to_wkt(Point.at(lat=1e-7, lng=0.1 + 0.2)) == "POINT(0.30000000000000004 1e-07)"
    assert to_wkt(SHAPES[3]) == "MULTIPOINT(0.1 0.2, -179.9 -89.9)"
    assert to_wkt(SHAPES[5]) == "MULTIPOLYGON(((0.0 0.0, 4.0 0.0, 4.0 4.0, 0.0 0.0)))"


def test_binary_in_either_byte_order_is_read() -> None:
    little = bytes.fromhex("0101000000000000000000F03F0000000000000040")
    big = bytes.fromhex("00000000013FF00000000000004000000000000000")
    assert from_wkb(little) == from_wkb(big) == Point.at(lat=2, lng=1)
    with pytest.raises(NotImplementedError, match="ST_AsGeoJSON"):
        from_wkb(bytes.fromhex("010700000000000000"))
