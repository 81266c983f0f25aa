"""The contract's examples of geography, unchanged, on a real PostGIS."""

import pytest

from tests.e2e.real import RealShop, as_script

pytestmark = pytest.mark.xdist_group("all")

MODEL = """
from core.geo import Geography
from sqlalchemy.orm import Mapped, mapped_column

class Location(Base):
    __tablename__ = "locations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    location: Mapped[Geography] = mapped_column(
        Geography(geometry_type="POINT", srid=4326),
        index=True,  # Creates GIST index
    )
"""

QUERIES = """
from core.geo import distance_within, bbox_filter, distance_meters

# Find locations within 100 meters of a point
stmt = select(Location).where(
    distance_within(Location.location, lat=52.52, lng=13.4, radius_meters=100)
)
near = await names(stmt)

# Viewport/bounding box query
stmt = select(Location).where(
    bbox_filter(Location.location, west=13.0, south=52.0, east=14.0, north=53.0)
)
inside = await names(stmt)

# Calculate distance between points
stmt = select(
    Location,
    distance_meters(Location.location, lat=52.52, lng=13.4).label("distance")
).order_by("distance")
"""

BEFORE = f"""
from sqlalchemy import select, text
from db.database import Base, engine, session_factory
{MODEL}
INSERT = "INSERT INTO locations (name, location) VALUES (:name, ST_GeogFromText(:point))"
POINTS = {{"here": (13.4, 52.5205), "town": (13.1, 52.1), "paris": (2.35, 48.85)}}

async def names(stmt):
    async with session_factory() as session:
        return sorted(each.name for each in await session.scalars(stmt))

async def fill():
    async with engine.begin() as connection:
        await connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
        await connection.run_sync(lambda c: Location.__table__.drop(c, checkfirst=True))
        await connection.run_sync(lambda c: Location.__table__.create(c))
        for name, (lng, lat) in POINTS.items():
            point = f"SRID=4326;POINT({{lng}} {{lat}})"
            values = {{"name": name, "point": point}}
            await connection.execute(text(INSERT), values)
        indexes = await connection.scalars(
            text("SELECT indexdef FROM pg_indexes WHERE tablename = 'locations'")
        )
        return [each for each in indexes if "USING gist" in each]
"""

THEN = """
assert (near, inside) == (["here"], ["here", "town"]), (near, inside)
async with session_factory() as session:
    rows = (await session.execute(stmt)).all()
assert [row.Location.name for row in rows] == ["here", "town", "paris"]
assert 50 < rows[0].distance < 60, rows[0].distance
assert 870_000 < rows[2].distance < 890_000, rows[2].distance
async with engine.begin() as connection:
    await connection.run_sync(lambda c: Location.__table__.drop(c))
await engine.dispose()
print("ran")
"""


def test_the_model_and_the_queries_run(full_shop: RealShop, environment: dict[str, str]) -> None:
    example = "indexes = await fill()\nassert len(indexes) == 1, indexes\n" + QUERIES
    script = as_script(example, THEN, before=BEFORE)
    assert full_shop.tool("python", "-c", script, env=environment).endswith("ran\n")
