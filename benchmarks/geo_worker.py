"""Time of the queries on places, helpers and hand-written SQL; run in a project's environment.

Prints JSON: by query and contender, the milliseconds per query of each round.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Float, Integer, Select, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core.geo import Geography, Point, bbox_filter, distance_within, nearest
from db.database import make_engine
from settings import settings

CHANCE = random.Random(7)  # noqa: S311  nothing secret
LOAD = """
    INSERT INTO spots (place)
    SELECT ST_SetSRID(ST_MakePoint(random() * 360 - 180, random() * 180 - 90), 4326)::geography
    FROM generate_series(1, 1000000)
"""
RADIUS = """
    SELECT id FROM spots
    WHERE ST_DWithin(place, ST_SetSRID(ST_MakePoint(:lng, :lat), 4326)::geography, :size * 1000)
"""
BOX = """
    SELECT id FROM spots
    WHERE place && ST_Segmentize(
            ST_MakeEnvelope(:lng, :lat, :lng + :size, :lat + :size, 4326), 1.0
        )::geography
        AND ST_Intersects(
            place::geometry, ST_MakeEnvelope(:lng, :lat, :lng + :size, :lat + :size, 4326)
        )
"""
NEAREST = """
    SELECT id FROM spots
    ORDER BY place <-> ST_SetSRID(ST_MakePoint(:lng, :lat), 4326)::geography LIMIT :size
"""


class Models(DeclarativeBase):
    """A base of its own."""


class Spot(Models):
    """A place."""

    __tablename__ = "spots"
    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[Point] = mapped_column(Geography("POINT"), index=True)


def radius(lat: float, lng: float, size: int) -> Select[Any]:
    """Find what is within kilometres."""
    near = distance_within(Spot.place, lat=lat, lng=lng, radius_meters=size * 1000)
    return select(Spot.id).where(near)


def box(lat: float, lng: float, size: int) -> Select[Any]:
    """Find what is in a box of degrees."""
    inside = bbox_filter(Spot.place, west=lng, south=lat, east=lng + size, north=lat + size)
    return select(Spot.id).where(inside)


def first(lat: float, lng: float, size: int) -> Select[Any]:
    """Find the nearest."""
    return select(Spot.id).order_by(nearest(Spot.place, lat=lat, lng=lng)).limit(size)


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked, with the helper and by hand, and how often in a round."""

    label: str
    size: int
    helper: Callable[[float, float, int], Select[Any]]
    sql: str
    queries: int


CASES = [
    Case("radius, km", 20, radius, RADIUS, 200),
    Case("radius, km", 1000, radius, RADIUS, 16),
    Case("box, degrees", 1, box, BOX, 200),
    Case("box, degrees", 20, box, BOX, 16),
    Case("nearest", 10, first, NEAREST, 200),
    Case("nearest", 1000, first, NEAREST, 100),
]


async def timed(connection: AsyncConnection, ask: Callable[[], Any]) -> tuple[float, list[int]]:
    """Return the milliseconds from building a query to its last row, and what it found."""
    start = time.perf_counter()
    found = (await connection.scalars(*ask())).all()
    return (time.perf_counter() - start) * 1000, sorted(found)


async def measure(
    connection: AsyncConnection, case: Case, rounds: int, queries: int
) -> dict[str, list[float]]:
    """Return the milliseconds per query of both; each place is asked by both, in turns."""
    results: dict[str, list[float]] = {"paxx": [], "by hand": []}
    types = {"lat": Float, "lng": Float, "size": Integer}
    written = text(case.sql).bindparams(
        *(bindparam(name, type_=type_) for name, type_ in types.items())
    )
    for _ in range(rounds):
        total = dict.fromkeys(results, 0.0)
        for number in range(queries):
            lat, lng = CHANCE.uniform(-60, 40), CHANCE.uniform(-170, 150)
            asks: dict[str, Callable[[], Any]] = {
                "paxx": partial(lambda *at: (case.helper(*at),), lat, lng, case.size),
                "by hand": partial(lambda **at: (written, at), lat=lat, lng=lng, size=case.size),
            }
            found = {}
            for name in sorted(asks, reverse=bool(number % 2)):
                took, found[name] = await timed(connection, asks[name])
                total[name] += took
            if found["paxx"] != found["by hand"]:
                raise RuntimeError(f"{case.label}: different rows at {lat}, {lng}")
        for name, milliseconds in total.items():
            results[name].append(milliseconds / queries)
    return results


async def main(rounds: int) -> None:
    """Load the places, measure and print."""
    engine = make_engine(settings.database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Models.metadata.tables["spots"].create)
        await connection.execute(text("DROP INDEX ix_spots_place"))
        await connection.execute(text(LOAD))
        await connection.execute(text("CREATE INDEX ix_spots_place ON spots USING gist (place)"))
        await connection.execute(text("ANALYZE spots"))
    results = {}
    async with engine.connect() as connection:
        for case in CASES:
            await measure(connection, case, 1, 10)
            measured = await measure(connection, case, rounds, case.queries)
            results[f"{case.label}: {case.size}"] = measured
    await engine.dispose()
    print(json.dumps(results))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
