"""Columns for places and their queries; on a database with PostGIS, what they find."""

import math
import os
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import Index, func, select
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

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
    bbox_filter,
    distance_meters,
    distance_within,
    nearest,
    ready,
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
OUT_OF_RANGE = [91.0, -90.001, math.nan, math.inf]


class Models(DeclarativeBase):
    """A base of these tests alone, so that the application's own does not know their table."""


class Spot(Models):
    """A place, a shape, and a place on a flat map."""

    __tablename__ = "test_spots"
    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[Point] = mapped_column(Geography("POINT"), index=True)
    shape: Mapped[AnyShape | None] = mapped_column(Geography("GEOMETRY"))
    flat: Mapped[Point | None] = mapped_column(Geometry("POINT"), index=True)


TABLE = Models.metadata.tables["test_spots"]


@pytest.mark.parametrize("wrong", OUT_OF_RANGE)
@pytest.mark.parametrize("query", [distance_within, distance_meters, nearest])
def test_a_place_out_of_range_is_refused(query: Callable[..., object], wrong: float) -> None:
    more = {"radius_meters": 1} if query is distance_within else {}
    with pytest.raises(ValueError, match="`lat` is"):
        query(Spot.place, lat=wrong, lng=0, **more)
    with pytest.raises(ValueError, match="`lng` is"):
        query(Spot.place, lat=0, lng=wrong * 2, **more)


@pytest.mark.parametrize("radius", [-1.0, math.nan, math.inf])
def test_a_radius_that_is_none_is_refused(radius: float) -> None:
    with pytest.raises(ValueError, match="radius_meters"):
        distance_within(Spot.place, lat=0, lng=0, radius_meters=radius)


@pytest.mark.parametrize("edge", ["west", "south", "east", "north"])
@pytest.mark.parametrize("wrong", [181.0, -181.0, math.nan])
def test_a_box_out_of_range_is_refused(edge: str, wrong: float) -> None:
    box = {"west": 0.0, "south": 0.0, "east": 1.0, "north": 1.0}
    with pytest.raises(ValueError, match="is "):
        bbox_filter(Spot.place, **(box | {edge: wrong}))


def test_a_box_upside_down_is_refused() -> None:
    with pytest.raises(ValueError, match="`north` is 1"):
        bbox_filter(Spot.place, west=0, south=2, east=1, north=1)


@pytest.mark.parametrize("column", [Spot.flat, Spot.id])
def test_metres_need_the_globe(column: Any) -> None:
    with pytest.raises(TypeError, match="Geography"):
        distance_within(column, lat=0, lng=0, radius_meters=1)
    with pytest.raises(TypeError, match="Geography"):
        nearest(column, lat=0, lng=0)


def test_a_type_holds_degrees_and_a_known_kind() -> None:
    with pytest.raises(ValueError, match="SRID 3857"):
        Geography("POINT", srid=3857)
    with pytest.raises(ValueError, match="CURVE"):
        Geometry("CURVE")


def test_index_true_makes_one_gist_index() -> None:
    methods = {index.name: index.dialect_options["postgresql"]["using"] for index in TABLE.indexes}
    assert methods == {"ix_test_spots_place": "gist", "ix_test_spots_flat": "gist"}


def test_an_index_that_names_its_method_keeps_it() -> None:
    class Other(DeclarativeBase):
        pass

    class Thing(Other):
        __tablename__ = "things"
        __table_args__ = (Index("by_place", "place", postgresql_using="spgist"),)
        id: Mapped[int] = mapped_column(primary_key=True)
        place: Mapped[Point] = mapped_column(Geography("POINT"))

    [index] = Other.metadata.tables["things"].indexes
    assert index.dialect_options["postgresql"]["using"] == "spgist"


async def test_without_postgresql_the_first_use_says_what_is_needed() -> None:
    sqlite = create_async_engine("sqlite+aiosqlite:///:memory:")
    async with sqlite.connect() as connection:
        with pytest.raises(CompileError, match="DATABASE_URL points to SQLite"):
            await connection.run_sync(Models.metadata.create_all)
        for statement in (
            select(Spot.place),
            select(Spot.id).where(distance_within(Spot.place, lat=0, lng=0, radius_meters=1)),
            select(Spot.id).where(bbox_filter(Spot.place, west=0, south=0, east=1, north=1)),
        ):
            with pytest.raises(CompileError, match="DATABASE_URL"):
                await connection.execute(statement)
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
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.type)
async def test_what_is_stored_comes_back(shape: AnyShape) -> None:
    await store(Spot(id=1, place=PARIS, shape=shape, flat=PARIS), Spot(id=2, place=BERLIN))
    async with session_factory() as session:
        first, second = await session.scalars(select(Spot).order_by(Spot.id))
    assert (first.place, first.shape, first.flat) == (PARIS, shape, PARIS)
    assert (second.place, second.shape, second.flat) == (BERLIN, None, None)


@pytest.mark.usefixtures("_spots")
async def test_metres_are_those_of_the_spheroid() -> None:
    await store(Spot(id=1, place=PARIS))
    async with session_factory() as session:
        metres = await session.scalar(
            select(distance_meters(Spot.place, lat=40.7128, lng=-74.0060))
        )
    assert metres == pytest.approx(5_852_935, abs=1)


@pytest.mark.usefixtures("_spots")
async def test_the_near_are_found_and_the_nearest_comes_first() -> None:
    await store(Spot(id=1, place=PARIS), Spot(id=2, place=BERLIN))
    at = {"lat": 52.52, "lng": 13.401}
    assert await found(distance_within(Spot.place, radius_meters=100, **at)) == {2}
    assert await found(distance_within(Spot.place, radius_meters=1_000_000, **at)) == {1, 2}
    async with session_factory() as session:
        order = select(Spot.id).order_by(nearest(Spot.place, **at)).limit(2)
        assert list(await session.scalars(order)) == [2, 1]


@pytest.mark.usefixtures("_spots")
@pytest.mark.parametrize("column", [Spot.place, Spot.flat])
async def test_a_box_is_found_across_the_antimeridian(column: Any) -> None:
    fiji, samoa = Point.at(lat=-17.7, lng=178.0), Point.at(lat=-13.8, lng=-172.1)
    await store(*(Spot(id=i, place=p, flat=p) for i, p in enumerate((fiji, samoa, PARIS))))
    assert await found(bbox_filter(column, west=170, south=-20, east=-170, north=0)) == {0, 1}
    assert await found(bbox_filter(column, west=-170, south=-90, east=170, north=90)) == {2}


@pytest.mark.usefixtures("_spots")
async def test_text_and_functions_of_postgis_work_beside_it() -> None:
    await store(Spot(id=1, place="POINT(2.3522 48.8566)"))
    async with session_factory() as session:
        assert await session.scalar(select(Spot.place)) == PARIS
        assert await session.scalar(select(func.ST_AsText(Spot.place))) == "POINT(2.3522 48.8566)"


@pytest.mark.usefixtures("_spots")
async def test_it_is_ready_where_postgis_is() -> None:
    await ready()


async def test_it_is_not_ready_without_postgresql() -> None:
    if engine.dialect.name == "sqlite":
        with pytest.raises(CompileError, match="DATABASE_URL points to SQLite"):
            await ready()
