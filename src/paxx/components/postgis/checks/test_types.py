"""Column types and shapes: what they accept, and the forms that PostGIS takes and sends."""

import struct
from typing import Any

import pytest
from checks.postgis.spots import Spot
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Index, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core._geo.geojson import from_wkb, to_wkt
from core.geo import (
    AnyShape,
    Geography,
    Geometry,
    MultiPoint,
    MultiPolygon,
    Point,
    Shape,
    distance_within,
)

PARIS = Point.at(lat=48.8566, lng=2.3522)
RING = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 0.0))
WKB_KINDS = {"MultiPoint": 4, "MultiLineString": 5, "MultiPolygon": 6}


def test_type_holds_degrees_and_a_known_kind() -> None:
    with pytest.raises(ValueError, match="SRID 3857"):
        Geography("POINT", srid=3857)
    with pytest.raises(ValueError, match="CURVE"):
        Geometry("CURVE")


def test_metres_of_a_number_are_rejected() -> None:
    with pytest.raises(TypeError, match="Geography"):
        distance_within(Spot.id, lat=0, lng=0, radius_meters=1)


def test_index_that_names_its_method_keeps_it() -> None:
    class Other(DeclarativeBase):
        pass

    class Thing(Other):
        __tablename__ = "things"
        __table_args__ = (Index("by_place", "place", postgresql_using="spgist"),)
        id: Mapped[int] = mapped_column(primary_key=True)
        place: Mapped[Point] = mapped_column(Geography("POINT"))

    [index] = Other.metadata.tables["things"].indexes
    assert index.dialect_options["postgresql"]["using"] == "spgist"


@pytest.mark.parametrize("kind", WKB_KINDS)
def test_shape_without_parts_is_rejected_in_requests_and_read(kind: str) -> None:
    request = {"type": kind, "coordinates": []}
    with pytest.raises(ValidationError, match="at least 1 item"):
        TypeAdapter[AnyShape](Shape).validate_python(request)
    stored = from_wkb(struct.pack("<BII", 1, WKB_KINDS[kind], 0))
    assert stored.model_dump() == {"type": kind, "coordinates": ()}
    assert to_wkt(stored) == f"{kind.upper()} EMPTY"


def test_shape_is_a_hashable_frozen_value() -> None:
    assert {PARIS, Point.at(lat=48.8566, lng=2.3522)} == {PARIS}
    frozen: Any = PARIS
    with pytest.raises(ValidationError, match="frozen"):
        frozen.coordinates = (0.0, 0.0)


def test_text_for_the_database_loses_nothing() -> None:
    assert to_wkt(Point.at(lat=1e-7, lng=0.1 + 0.2)) == "POINT(0.30000000000000004 1e-07)"
    points = MultiPoint(coordinates=((0.1, 0.2), (-179.9, -89.9)))
    assert to_wkt(points) == "MULTIPOINT(0.1 0.2, -179.9 -89.9)"
    areas = MultiPolygon(coordinates=((RING,),))
    assert to_wkt(areas) == "MULTIPOLYGON(((0.0 0.0, 4.0 0.0, 4.0 4.0, 0.0 0.0)))"


def test_binary_in_either_byte_order_is_read() -> None:
    little = bytes.fromhex("0101000000000000000000F03F0000000000000040")
    big = bytes.fromhex("00000000013FF00000000000004000000000000000")
    assert from_wkb(little) == from_wkb(big) == Point.at(lat=2, lng=1)
    with pytest.raises(NotImplementedError, match="ST_AsGeoJSON"):
        from_wkb(bytes.fromhex("010700000000000000"))


async def test_text_and_functions_of_postgis_are_accepted(world: AsyncEngine) -> None:
    async with AsyncSession(world) as session:
        session.add(Spot(id=-9, place="POINT(2.3522 48.8566)"))
        await session.flush()
        this = Spot.id == -9
        assert await session.scalar(select(Spot.place).where(this)) == PARIS
        written = await session.scalar(select(func.ST_AsText(Spot.place)).where(this))
    assert written == "POINT(2.3522 48.8566)"
