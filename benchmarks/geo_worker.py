"""Time of the queries on places, helpers and hand-written SQL; run in a project's environment.

Prints JSON: by query and contender, the milliseconds per query of each round.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import TextClause, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core.geo import Geography, Point, bbox_filter, distance_within, nearest
from db.database import make_engine
from settings import settings

ROWS = 1_000_000
LOAD = f"""
    INSERT INTO spots (place)
    SELECT ST_SetSRID(ST_MakePoint(random() * 360 - 180, random() * 180 - 90), 4326)::geography
    FROM generate_series(1, {ROWS})
"""
POINT = "ST_SetSRID(ST_MakePoint(:lng, :lat), 4326)::geography"
BOX = "ST_MakeEnvelope(:west, :south, :east, :north, 4326)"
BY_HAND = {
    "radius, 100 km": f"SELECT id FROM spots WHERE ST_DWithin(place, {POINT}, 100000)",
    "box, 1 degree": f"SELECT id FROM spots WHERE place && ST_Segmentize({BOX}, 1.0)::geography"
    f" AND ST_Intersects(place::geometry, {BOX})",
    "box, 20 degrees": f"SELECT id FROM spots WHERE place && ST_Segmentize({BOX}, 1.0)::geography"
    f" AND ST_Intersects(place::geometry, {BOX})",
    "nearest 10": f"SELECT id FROM spots ORDER BY place <-> {POINT} LIMIT 10",
}
Query = Callable[[AsyncConnection, float, float], Awaitable[int]]


class Models(DeclarativeBase):
    """A base of its own."""


class Spot(Models):
    """A place."""

    __tablename__ = "spots"
    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[Point] = mapped_column(Geography("POINT"), index=True)


def box(lat: float, lng: float, size: float) -> dict[str, float]:
    """Return the box of this many degrees whose south-western corner is given."""
    return {"west": lng, "south": lat, "east": lng + size, "north": lat + size}


def ours(name: str, lat: float, lng: float) -> Any:
    """Return the query as the component has it."""
    if name == "radius, 100 km":
        near = distance_within(Spot.place, lat=lat, lng=lng, radius_meters=100_000)
        return select(Spot.id).where(near)
    if name == "nearest 10":
        return select(Spot.id).order_by(nearest(Spot.place, lat=lat, lng=lng)).limit(10)
    size = 1 if name == "box, 1 degree" else 20
    return select(Spot.id).where(bbox_filter(Spot.place, **box(lat, lng, size)))


def parameters(name: str, lat: float, lng: float) -> dict[str, float]:
    """Return what hand-written SQL binds."""
    if name.startswith("box"):
        return box(lat, lng, 1 if name == "box, 1 degree" else 20)
    return {"lat": lat, "lng": lng}


async def timed(
    connection: AsyncConnection, build: Callable[[], Any], *more: Any
) -> tuple[float, int]:
    """Return the seconds from building a query to its last row, and the number of rows."""
    start = time.perf_counter()
    found = (await connection.scalars(build(), *more)).all()
    return time.perf_counter() - start, len(found)


async def measure(connection: AsyncConnection, name: str, rounds: int, queries: int) -> Any:
    """Return the milliseconds per query of both; each place is asked by both in turn."""
    results: dict[str, list[float]] = {"paxx": [], "by hand": []}
    written: TextClause = text(BY_HAND[name])
    for _ in range(rounds):
        total = {"paxx": 0.0, "by hand": 0.0}
        for number in range(queries):
            lat, lng = random.uniform(-60, 40), random.uniform(-170, 150)
            turns = ["paxx", "by hand"] if number % 2 else ["by hand", "paxx"]
            rows = set()
            for turn in turns:
                if turn == "paxx":
                    took, count = await timed(connection, lambda: ours(name, lat, lng))
                else:
                    took, count = await timed(
                        connection, lambda: written, parameters(name, lat, lng)
                    )
                total[turn] += took
                rows.add(count)
            assert len(rows) == 1, (name, lat, lng, rows)
        for turn, seconds in total.items():
            results[turn].append(seconds / queries * 1000)
    return results


async def main(rounds: int) -> None:
    """Load the places, measure and print."""
    random.seed(7)
    engine = make_engine(settings.database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Models.metadata.tables["spots"].create)
        await connection.execute(text("DROP INDEX ix_spots_place"))
        await connection.execute(text(LOAD))
        await connection.execute(text("CREATE INDEX ix_spots_place ON spots USING gist (place)"))
        await connection.execute(text("ANALYZE spots"))
    results = {}
    async with engine.connect() as connection:
        for name, queries in zip(BY_HAND, (150, 300, 30, 300), strict=True):
            await measure(connection, name, 1, 10)
            results[name] = await measure(connection, name, rounds, queries)
    await engine.dispose()
    print(json.dumps(results))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
