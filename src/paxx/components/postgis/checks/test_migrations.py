"""Alembic on databases with PostGIS: what a revision holds, and what it never touches."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

import servers
from db.database import make_engine

PROJECT = Path.cwd()
# The contract's model, unchanged, and tables whose names the geocoder of the image has too.
MODELS = """
from geoalchemy2 import Geometry as Plain
from sqlalchemy.orm import Mapped, mapped_column

from core.geo import AnyShape, Geography, Geometry, Point
from db.database import Base


class Location(Base):
    __tablename__ = "locations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    location: Mapped[Geography] = mapped_column(
        Geography(geometry_type="POINT", srid=4326),
        index=True,  # Creates GIST index
    )


class Place(Base):
    __tablename__ = "place"
    id: Mapped[int] = mapped_column(primary_key=True)
    area: Mapped[AnyShape | None] = mapped_column(Geography("GEOMETRY"), index=True)


class State(Base):
    __tablename__ = "state"
    id: Mapped[int] = mapped_column(primary_key=True)
    statefp: Mapped[int]
    flat: Mapped[Point | None] = mapped_column(Geometry("POINT"))
"""
LATER = """

class Later(Base):
    __tablename__ = "later"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
SEARCH_PATH = '"$user", public, topology, tiger'
COMPANIONS = ("postgis_topology", "fuzzystrmatch", "postgis_tiger_geocoder")
TABLES = """
    SELECT nspname || '.' || relname
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind = 'r' AND nspname IN ('public', 'tiger', 'topology', 'tiger_data')
"""
INDEXES = """
    SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexdef NOT LIKE '%UNIQUE%'
"""
RUN = """
import sys
from alembic.config import main
for command in sys.argv[1:]:
    main(command.split())
"""
REVISE = "revision --autogenerate -m "
Alembic = Callable[..., str]


@pytest.fixture(scope="module")
def postgres() -> Iterator[servers.Postgres]:
    with servers.Postgres.start(postgis=True) as started:
        yield started


@pytest.fixture
def url(postgres: servers.Postgres) -> str:
    """Return the URL of a database as the image sets it up."""
    name = uuid4().hex
    url = postgres.create_database(name)
    for extension in ("postgis", *COMPANIONS):
        postgres.execute(f"CREATE EXTENSION {extension}", name)
    postgres.execute(f'ALTER DATABASE "{name}" SET search_path = {SEARCH_PATH}')
    return url


@pytest.fixture(params=["empty", "as the image sets it up"])
def either(request: pytest.FixtureRequest, postgres: servers.Postgres) -> str:
    """Return the URL of a database with and without extensions."""
    if request.param == "empty":
        return postgres.create_database(uuid4().hex)
    return str(request.getfixturevalue("url"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the project that has models with places."""
    copied = tmp_path / "shop"
    shutil.copytree(PROJECT, copied, ignore=shutil.ignore_patterns(".*", "checks", "versions"))
    versions = copied / "db" / "migrations" / "versions"
    versions.mkdir()
    places = copied / "features" / "places"
    places.mkdir()
    (places / "__init__.py").touch()
    (places / "models.py").write_text(MODELS)
    return copied


def alembic_in(project: Path, url: str) -> Alembic:
    """Return a function that runs commands of Alembic, one after the other in a process."""
    own = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}

    def run(*commands: str, fails: bool = False) -> str:
        done = subprocess.run(
            [sys.executable, "-c", RUN, *commands],
            cwd=project,
            env=own | {"DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


async def rows(url: str, query: str) -> set[str]:
    engine = make_engine(url)
    async with engine.connect() as connection:
        found = set(await connection.scalars(text(query)))
    await engine.dispose()
    return found


def revision(project: Path, slug: str) -> str:
    [path] = (project / "db" / "migrations" / "versions").glob(f"*_{slug}.py")
    return path.read_text()


async def test_a_round_trip_makes_the_tables_and_touches_no_other(
    project: Path, either: str
) -> None:
    url = either
    alembic = alembic_in(project, url)
    before = await rows(url, TABLES)
    alembic(REVISE + "first")
    first = revision(project, "first")
    assert first.count('op.execute("CREATE EXTENSION IF NOT EXISTS postgis")') == 1
    assert first.index("CREATE EXTENSION") < first.index("create_table")
    assert "DROP EXTENSION" not in first
    for other in ("spatial_ref_sys", "topology", "zip_", "county", "op.add_column", "alter_column"):
        assert other not in first
    alembic("upgrade head", "check", REVISE + "second")
    made = await rows(url, TABLES) - before - {"public.spatial_ref_sys"}
    own = {"public.locations", "public.place", "public.state"}
    assert made == own | {"public.alembic_version"}
    gist = {
        f"CREATE INDEX ix_{table}_{column} ON public.{table} USING gist ({column})"
        for table, column in (("locations", "location"), ("place", "area"))
    }
    assert await rows(url, INDEXES) == gist

    assert "op." not in revision(project, "second")
    alembic("upgrade head", "downgrade base")
    assert not await rows(url, TABLES) & own
    assert before <= await rows(url, TABLES)
    alembic("upgrade head", "check")
    assert await rows(url, INDEXES) == gist


@pytest.mark.nightly
async def test_a_revision_without_a_shape_does_not_ask_for_the_extension(
    project: Path, url: str
) -> None:
    alembic = alembic_in(project, url)
    alembic(REVISE + "first", "upgrade head")
    models = project / "features" / "places" / "models.py"
    models.write_text(models.read_text() + LATER)
    alembic(REVISE + "second")
    second = revision(project, "second")
    assert "later" in second
    assert "EXTENSION" not in second
    assert "geoalchemy2" not in second


@pytest.mark.nightly
async def test_a_column_that_comes_later_asks_for_the_extension(project: Path, url: str) -> None:
    alembic = alembic_in(project, url)
    models = project / "features" / "places" / "models.py"
    complete = models.read_text()
    models.write_text(
        complete.replace("    flat: Mapped[Point | None] = mapped_column(Geometry", "    # ")
    )
    alembic(REVISE + "first", "upgrade head")
    models.write_text(complete)
    alembic(REVISE + "second")
    assert "CREATE EXTENSION" in revision(project, "second")
    assert "from geoalchemy2 import Geometry" in revision(project, "second")
    alembic("upgrade head", "check")


@pytest.mark.nightly
async def test_sql_is_written_without_a_database(project: Path, postgres: servers.Postgres) -> None:
    url = postgres.create_database("offline")
    alembic_in(project, url)(REVISE + "first")
    nowhere = "postgresql+asyncpg://nobody@127.0.0.1:1/nothing"
    written = alembic_in(project, nowhere)("upgrade head --sql")
    assert "CREATE EXTENSION IF NOT EXISTS postgis;" in written
    assert "location geography(POINT,4326) NOT NULL" in written
    assert "CREATE INDEX ix_locations_location ON locations USING gist (location);" in written


async def test_a_role_without_rights_is_enough_once_the_extension_is_there(
    project: Path, postgres: servers.Postgres
) -> None:
    url = postgres.create_database("modest")
    postgres.execute("CREATE EXTENSION postgis", "modest")
    postgres.execute("CREATE ROLE clerk LOGIN PASSWORD 'pen'")
    postgres.execute("GRANT CREATE ON SCHEMA public TO clerk", "modest")
    modest = url.replace(f"app:{postgres.password}@", "clerk:pen@")
    alembic = alembic_in(project, modest)
    alembic(REVISE + "first", "upgrade head")
    postgres.create_database("bare")
    postgres.execute("GRANT CREATE ON SCHEMA public TO clerk", "bare")
    refused = alembic_in(project, modest.replace("/modest", "/bare"))("upgrade head", fails=True)
    assert "permission denied to create extension" in refused


def test_on_sqlite_alembic_says_what_is_needed(project: Path, tmp_path: Path) -> None:
    alembic = alembic_in(project, f"sqlite+aiosqlite:///{tmp_path}/shop.db")
    refused = alembic(REVISE + "first", fails=True)
    assert "PostGIS requires PostgreSQL, but DATABASE_URL points to SQLite" in refused
