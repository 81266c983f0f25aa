"""Columns and queries for places; some tests need a database with PostGIS."""

import math
import os
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core import geo
from core.geo import (
    AnyShape,
    Geography,
    Geometry,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    Shape,
    bbox_filter,
    distance_meters,
    distance_within,
    nearest,
)
from db.database import engine, session_factory
from settings import settings

PARIS = Point.at(lat=48.8566, lng=2.3522)
BERLIN = Point.at(lat=52.52, lng=13.4)
RING = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 0.0))
SHAPES: list[AnyShape] = [
    PARIS,
    LineString(coordinates=((0.0, 0.0), (1.5, 1e-7))),
    Polygon(coordinates=(RING, ((1.0, 0.5), (2.0, 0.5), (2.0, 1.0), (1.0, 0.5)))),
    MultiPoint(coordinates=((0.1, 0.2), (-179.9, -89.9))),
    MultiLineString(coordinates=(((0.0, 0.0), (1.0, 1.0)), ((2.0, 2.0), (3.0, 3.0)))),
    MultiPolygon(coordinates=((RING,),)),
]


class Models(DeclarativeBase):
    """A base of these tests alone, so that the application's own does not know their table."""


class Spot(Models):
    """A place, a shape, and a place on a flat map."""

    __tablename__ = "test_spots"
    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[Point] = mapped_column(Geography("POINT"), index=True)
    shape: Mapped[AnyShape | None] = mapped_column(Geography("GEOMETRY"))
    flat: Mapped[Point | None] = mapped_column(Geometry("POINT"), index=True)


def test_point_is_geojson_longitude_first() -> None:
    assert PARIS.model_dump() == {"type": "Point", "coordinates": (2.3522, 48.8566)}
    assert Point.model_validate_json('{"type": "Point", "coordinates": [2.3522, 48.8566]}') == PARIS
    assert (PARIS.lat, PARIS.lng) == (48.8566, 2.3522)


def test_type_member_selects_the_shape() -> None:
    for shape in SHAPES:
        read: AnyShape = TypeAdapter(Shape).validate_json(shape.model_dump_json())
        assert read == shape


def test_invalid_position_is_rejected() -> None:
    for coordinates in ((181, 0), (0, -91), (math.nan, 0), ("1", 2), (1, 2, 3), (1,)):
        with pytest.raises(ValidationError):
            Point.model_validate({"type": "Point", "coordinates": coordinates})


def test_open_ring_and_empty_line_are_rejected() -> None:
    with pytest.raises(ValidationError, match="repeats the first"):
        Polygon(coordinates=((*RING[:3], (1.0, 1.0)),))
    with pytest.raises(ValidationError):
        LineString(coordinates=((0.0, 0.0),))


def test_query_out_of_range_is_rejected() -> None:
    for wrong in (91.0, -90.001, math.nan, math.inf):
        for query in (distance_meters, nearest):
            with pytest.raises(ValueError, match="`lat` is"):
                query(Spot.place, lat=wrong, lng=0)
            with pytest.raises(ValueError, match="`lng` is"):
                query(Spot.place, lat=0, lng=wrong * 2)
    for wrong in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="radius_meters"):
            distance_within(Spot.place, lat=0, lng=0, radius_meters=wrong)


def test_box_out_of_range_is_rejected() -> None:
    box = {"west": 0.0, "south": 0.0, "east": 1.0, "north": 1.0}
    for edge in box:
        for wrong in (181.0, -181.0, math.nan):
            with pytest.raises(ValueError, match="is "):
                bbox_filter(Spot.place, **(box | {edge: wrong}))
    with pytest.raises(ValueError, match="`north` is 1"):
        bbox_filter(Spot.place, west=0, south=2, east=1, north=1)


def test_metres_require_geography() -> None:
    with pytest.raises(TypeError, match="Geography"):
        distance_within(Spot.flat, lat=0, lng=0, radius_meters=1)
    with pytest.raises(TypeError, match="Geography"):
        nearest(Spot.flat, lat=0, lng=0)


def test_index_true_makes_one_gist_index() -> None:
    indexes = Models.metadata.tables["test_spots"].indexes
    methods = {index.name: index.dialect_options["postgresql"]["using"] for index in indexes}
    assert methods == {"ix_test_spots_place": "gist", "ix_test_spots_flat": "gist"}


async def test_sqlite_is_rejected_at_the_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite = create_async_engine("sqlite+aiosqlite:///:memory:")
    monkeypatch.setattr(geo, "engine", sqlite)
    async with sqlite.connect() as connection:
        for use in (
            connection.run_sync(Models.metadata.create_all),
            connection.execute(select(Spot.place)),
            geo.ready(),
        ):
            with pytest.raises(CompileError, match="DATABASE_URL points to SQLite"):
                await use
    await sqlite.dispose()


@pytest.fixture
async def _spots(require_server: Callable[[str], None]) -> AsyncIterator[None]:
    if engine.dialect.name == "postgresql":
        require_server(settings.database_url)
    elif os.environ.get("REQUIRE_SERVERS") == "1":
        pytest.fail("TEST_DATABASE_URL names no PostgreSQL")
    else:
        pytest.skip("TEST_DATABASE_URL names no PostgreSQL")
    async with engine.begin() as connection:
        await connection.run_sync(Models.metadata.create_all)
    yield
    async with engine.begin() as connection:
        await connection.run_sync(Models.metadata.drop_all)
    await engine.dispose()


async def found(condition: Any) -> set[int]:
    async with session_factory() as session:
        return set(await session.scalars(select(Spot.id).where(condition)))


async def store(*spots: Spot) -> None:
    async with session_factory() as session, session.begin():
        session.add_all(spots)


@pytest.mark.usefixtures("_spots")
async def test_stored_shapes_are_read_back() -> None:
    await store(*(Spot(id=i, place=PARIS, shape=shape) for i, shape in enumerate(SHAPES)))
    async with session_factory() as session:
        spots = await session.scalars(select(Spot).order_by(Spot.id))
        assert [(spot.place, spot.shape, spot.flat) for spot in spots] == [
            (PARIS, shape, None) for shape in SHAPES
        ]


@pytest.mark.usefixtures("_spots")
async def test_distance_finds_and_orders_places() -> None:
    await store(Spot(id=1, place=PARIS), Spot(id=2, place=BERLIN))
    at = {"lat": 52.52, "lng": 13.401}
    assert await found(distance_within(Spot.place, radius_meters=100, **at)) == {2}
    assert await found(distance_within(Spot.place, radius_meters=1_000_000, **at)) == {1, 2}
    async with session_factory() as session:
        metres = distance_meters(Spot.place, **at)
        order = select(Spot.id, metres).order_by(nearest(Spot.place, **at)).limit(2)
        rows = (await session.execute(order)).all()
    assert [id_ for id_, _ in rows] == [2, 1]
    assert rows[0][1] == pytest.approx(67.9, abs=0.1)


@pytest.mark.usefixtures("_spots")
async def test_box_crosses_the_antimeridian() -> None:
    fiji, samoa = Point.at(lat=-17.7, lng=178.0), Point.at(lat=-13.8, lng=-172.1)
    await store(*(Spot(id=i, place=p, flat=p) for i, p in enumerate((fiji, samoa, PARIS))))
    for column in (Spot.place, Spot.flat):
        assert await found(bbox_filter(column, west=170, south=-20, east=-170, north=0)) == {0, 1}
        assert await found(bbox_filter(column, west=-170, south=-90, east=170, north=90)) == {2}
