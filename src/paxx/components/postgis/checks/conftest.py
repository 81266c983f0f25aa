"""Fixtures: PostgreSQL with PostGIS and a hundred thousand places."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from checks.postgis.spots import Models
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

import servers
from db.database import make_engine

ROWS = 100_000
LOAD = [
    "SELECT setseed(0.5)",
    f"""
    INSERT INTO spots (place, flat)
    SELECT point::geography, point
    FROM (
        SELECT ST_SetSRID(ST_MakePoint(random() * 360 - 180, random() * 180 - 90), 4326) AS point
        FROM generate_series(1, {ROWS})
    ) AS points
    """,
    # Where boxes go wrong: poles, both sides of the antimeridian, and places on edges of boxes.
    """
    INSERT INTO spots (place, flat)
    SELECT point::geography, point
    FROM (
        SELECT ST_SetSRID(ST_MakePoint(lng, lat), 4326) AS point
        FROM unnest(ARRAY[-180, -179.999, -90, -0.5, -0.0001, 0, 0.0001, 0.5, 13, 13.25, 14, 45,
                          89.75, 90, 90.25, 179.999, 180]::float8[]) AS lng,
             unnest(ARRAY[-90, -89.999, -60, -52.0001, -52, -45, -10, 0, 10, 45, 51.9999, 52,
                          52.0001, 53, 60, 80, 85, 89.999, 90]::float8[]) AS lat
    ) AS points
    """,
    "INSERT INTO spots (place, flat) VALUES (NULL, NULL)",
    "ANALYZE spots",
]


def _fill(url: str, *statements: str) -> None:
    # In a thread: a loop of our own would take the place of the one that pytest-asyncio has.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(_create(url, *statements))).result()


async def _create(url: str, *statements: str) -> None:
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Models.metadata.create_all)
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


@pytest.fixture(scope="session")
def server() -> Iterator[servers.Postgres]:
    """Return a server whose database `world` is full of places."""
    with servers.Postgres.start(postgis=True) as started:
        started.create_database("world")
        started.execute("CREATE EXTENSION postgis", "world")
        _fill(started.url_of("world"), *LOAD)
        yield started


@pytest.fixture
async def world(server: servers.Postgres) -> AsyncIterator[AsyncEngine]:
    """Return an engine of the project for the full database."""
    engine = make_engine(server.url_of("world"))
    yield engine
    await engine.dispose()
