"""The queries on a hundred thousand places: what they find, and that they use the index."""

from collections.abc import Iterable
from typing import Any

import pytest
from checks.postgis.spots import Area, Models, Spot
from sqlalchemy import Select, func, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.orm import aliased

from core.geo import (
    LineString,
    Point,
    Polygon,
    bbox_filter,
    distance_meters,
    distance_within,
    nearest,
)

BERLIN = {"lat": 52.52, "lng": 13.4}
PARIS = Point.at(lat=48.8566, lng=2.3522)
NARROW = {"west": 13.0, "south": 52.0, "east": 14.0, "north": 53.0}
ACROSS = {"west": 179.0, "south": -20.0, "east": -179.0, "north": -10.0}
BOXES = {
    "narrow": NARROW,
    "narrow over an axis": {"west": -0.5, "south": 52.0, "east": 0.5, "north": 53.0},
    "narrow in the south": {"west": 89.5, "south": -53.0, "east": 90.5, "north": -52.0},
    "90 degrees": {"west": 0.0, "south": 40.0, "east": 90.0, "north": 50.0},
    "200 degrees": {"west": -100.0, "south": -10.0, "east": 100.0, "north": 60.0},
    "359 degrees": {"west": -179.5, "south": 10.0, "east": 179.5, "north": 20.0},
    "band around the world": {"west": -180.0, "south": -10.0, "east": 180.0, "north": 10.0},
    "world": {"west": -180.0, "south": -90.0, "east": 180.0, "north": 90.0},
    "north pole": {"west": -180.0, "south": 80.0, "east": 180.0, "north": 90.0},
    "south pole, half": {"west": 0.0, "south": -90.0, "east": 180.0, "north": -85.0},
    "antimeridian": ACROSS,
    "antimeridian, wide": {"west": 90.0, "south": -60.0, "east": -90.0, "north": 60.0},
    "along the antimeridian": {"west": 180.0, "south": -90.0, "east": -180.0, "north": 90.0},
    "a line": {"west": 0.0, "south": 52.0, "east": 14.0, "north": 52.0},
    "a point": {"west": 13.0, "south": 52.0, "east": 13.0, "north": 52.0},
}
QUERIES: dict[str, Select[Any]] = {
    "radius": select(Spot.id).where(distance_within(Spot.place, **BERLIN, radius_meters=10_000)),
    "box": select(Spot.id).where(bbox_filter(Spot.place, **NARROW)),
    "box across the antimeridian": select(Spot.id).where(bbox_filter(Spot.place, **ACROSS)),
    "box on a flat map": select(Spot.id).where(bbox_filter(Spot.flat, **NARROW)),
    "nearest": select(Spot.id).order_by(nearest(Spot.place, **BERLIN)).limit(5),
}


def within(place: Point, box: dict[str, float]) -> bool:
    """Say it on a flat map, without PostGIS."""
    if not box["south"] <= place.lat <= box["north"]:
        return False
    if box["west"] <= box["east"]:
        return box["west"] <= place.lng <= box["east"]
    return place.lng >= box["west"] or place.lng <= box["east"]


PLACES: list[tuple[int, Point]] = []  # read once: there are a hundred thousand


async def ids(connection: AsyncConnection, *conditions: Any) -> list[int]:
    return sorted(await connection.scalars(select(Spot.id).where(*conditions)))


@pytest.mark.parametrize("column", [Spot.place, Spot.flat], ids=["globe", "flat"])
@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
async def test_a_box_holds_what_it_holds_on_a_flat_map(
    world: AsyncEngine, box: dict[str, float], column: Any
) -> None:
    async with world.connect() as connection:
        if not PLACES:
            found = await connection.execute(select(Spot.id, Spot.place))
            PLACES.extend((id_, place) for id_, place in found if place is not None)
        truth = sorted(id_ for id_, place in PLACES if within(place, box))
        assert truth
        assert await ids(connection, bbox_filter(column, **box)) == truth


async def plan(connection: AsyncConnection, query: Select[Any]) -> str:
    literal = {"literal_binds": True}
    sql = query.compile(dialect=postgresql.dialect(), compile_kwargs=literal)
    return "\n".join(await connection.scalars(text(f"EXPLAIN {sql}".replace(":", r"\:"))))


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
async def test_the_plan_uses_the_gist_index(world: AsyncEngine, query: Select[Any]) -> None:
    async with world.connect() as connection:
        explained = await plan(connection, query)
    assert "ix_spots_" in explained, explained
    assert "Seq Scan" not in explained, explained


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
async def test_a_prepared_statement_uses_the_index_each_time(
    world: AsyncEngine, query: Select[Any], mode: str
) -> None:
    async with world.connect() as connection:
        await connection.execute(text(f"SET plan_cache_mode = {mode}"))
        before = await scans(connection)
        for _ in range(8):
            await connection.execute(query)
        after = await scans(connection)
    assert after["sequential"] == before["sequential"]
    assert after["index"] >= before["index"] + 8


async def scans(connection: AsyncConnection) -> dict[str, int]:
    """Return how often the table was read in either way."""
    await connection.execute(text("SELECT pg_stat_force_next_flush()"))
    await connection.commit()
    counted = text("SELECT seq_scan, idx_scan FROM pg_stat_user_tables WHERE relname = 'spots'")
    sequential, index = (await connection.execute(counted)).one()
    await connection.commit()
    return {"sequential": sequential, "index": index}


async def test_metres_from_paris_to_new_york(world: AsyncEngine) -> None:
    async with AsyncSession(world) as session:
        spot = Spot(place=PARIS)
        session.add(spot)
        await session.flush()
        metres = distance_meters(Spot.place, lat=40.7128, lng=-74.0060)
        assert await session.scalar(select(metres).where(Spot.id == spot.id)) == pytest.approx(
            5_852_935, abs=1
        )
        await session.refresh(spot)
        assert spot.place == PARIS


async def test_a_radius_finds_what_the_distance_says(world: AsyncEngine) -> None:
    async with world.connect() as connection:
        far = distance_meters(Spot.place, **BERLIN) <= 300_000
        assert await ids(connection, far)
        assert await ids(
            connection, distance_within(Spot.place, **BERLIN, radius_meters=300_000)
        ) == await ids(connection, far)


async def test_a_radius_reaches_across_the_antimeridian(world: AsyncEngine) -> None:
    async with world.connect() as connection:
        near = distance_within(Spot.place, lat=0, lng=180, radius_meters=200)
        found = await connection.scalars(select(Spot.place).where(near))
        assert {place.lng for place in found if place} >= {-180.0, -179.999, 179.999, 180.0}


async def test_the_nearest_are_those_with_the_smallest_distance(world: AsyncEngine) -> None:
    metres = distance_meters(Spot.place, **BERLIN)
    async with world.connect() as connection:
        by_index = await connection.scalars(
            select(metres).order_by(nearest(Spot.place, **BERLIN)).limit(20)
        )
        by_distance = await connection.scalars(
            select(metres).where(Spot.place.is_not(None)).order_by(metres).limit(20)
        )
        # The index orders by the sphere.
        assert list(by_index) == pytest.approx(list(by_distance), rel=0.01)


async def test_missing_places_are_never_found_and_come_last(world: AsyncEngine) -> None:
    async with world.connect() as connection:
        [missing] = await ids(connection, Spot.place.is_(None))
        everywhere = bbox_filter(Spot.place, **BOXES["world"])
        around = distance_within(Spot.place, **BERLIN, radius_meters=30_000_000)
        total = await connection.scalar(select(func.count(Spot.id)))
        for condition in (everywhere, around):
            found = await ids(connection, condition)
            assert missing not in found
            assert len(found) + 1 == total


async def test_a_join_through_an_alias_asks_the_alias(world: AsyncEngine) -> None:
    parent = aliased(Spot, name="parent")
    async with AsyncSession(world) as session:
        session.add(Spot(id=-1, place=PARIS))
        await session.flush()
        session.add(Spot(id=-2, place=Point.at(lat=1, lng=1), parent_id=-1))
        await session.flush()
        at = {"lat": PARIS.lat, "lng": PARIS.lng}
        joined = (
            select(Spot.id, parent.place, distance_meters(parent.place, **at))
            .join(parent, Spot.parent_id == parent.id)
            .where(distance_within(parent.place, **at, radius_meters=1))
            .order_by(nearest(parent.place, **at))
        )
        assert (await session.execute(joined)).all() == [(-2, PARIS, 0.0)]
        inner = select(Spot.place.label("spot")).where(Spot.id == -1).subquery()
        assert await session.scalar(select(inner.c.spot)) == PARIS


async def test_a_prepared_statement_is_executed_with_new_values(world: AsyncEngine) -> None:
    async with world.connect() as connection:
        for lat in (52.0, -52.0, 0.0):
            for lng in (13.0, 0.0):
                near = distance_within(Spot.place, lat=lat, lng=lng, radius_meters=1)
                place = select(Spot.place).where(near)
                assert set(await connection.scalars(place)) == {Point.at(lat=lat, lng=lng)}
                box = bbox_filter(Spot.place, west=lng, south=lat, east=lng, north=lat)
                assert set(await connection.scalars(select(Spot.place).where(box))) == {
                    Point.at(lat=lat, lng=lng)
                }


async def test_areas_meet_a_box_and_are_far_from_points(world: AsyncEngine) -> None:
    ring = ((10.0, 50.0), (15.0, 50.0), (15.0, 55.0), (10.0, 55.0), (10.0, 50.0))
    shapes = [Polygon(coordinates=(ring,)), LineString(coordinates=((0.0, 0.0), (1.0, 1.0)))]
    async with AsyncSession(world) as session:
        session.add_all(Area(id=number, shape=shape) for number, shape in enumerate(shapes))
        await session.flush()

        async def found(condition: Any) -> Iterable[int]:
            return sorted(await session.scalars(select(Area.id).where(condition)))

        assert await found(bbox_filter(Area.shape, **NARROW)) == [0]
        assert await found(bbox_filter(Area.shape, **BOXES["world"])) == [0, 1]
        assert await found(distance_within(Area.shape, **BERLIN, radius_meters=0)) == [0]
        assert await session.scalar(select(Area.shape).where(Area.id == 0)) == shapes[0]


def test_there_is_one_index_for_each_column() -> None:
    names = sorted(str(index.name) for index in Models.metadata.tables["spots"].indexes)
    assert names == ["ix_spots_flat", "ix_spots_place"]
