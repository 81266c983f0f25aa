"""Fixtures: the application with its lifespan, a client, and the way to ask for a server.

Tests create and drop tables. Their database is in memory, or the one of TEST_DATABASE_URL, which
they create; a database that they did not create has to be empty.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import PurePath
from urllib.parse import urlsplit

import pytest
from sqlalchemy import URL, Connection, inspect, make_url, text

MADE_BY_TESTS = "created by tests, which drop it again"
COMMENT = text(
    "SELECT coalesce(shobj_description(oid, 'pg_database'), '')"
    " FROM pg_database WHERE datname = :name"
)
# Tables, views and sequences; not what belongs to one of them or to an extension, such as PostGIS.
RELATIONS = text(
    """
    SELECT oid::regclass::text
    FROM pg_class
    WHERE relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
        AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
        AND NOT EXISTS (
            SELECT FROM pg_depend
            WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid
                AND deptype IN ('a', 'e', 'i')
        )
    ORDER BY 1
    """
)


def own_database() -> URL:
    """Return the database of this process; each worker of pytest-xdist has one of its own."""
    url = make_url(os.environ.get("TEST_DATABASE_URL") or "sqlite+aiosqlite:///:memory:")
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not worker or url.database in {None, "", ":memory:"}:
        return url
    path = PurePath(url.database or "")
    return url.set(database=str(path.with_stem(f"{path.stem}_{worker}")))


# Before the application is imported: tests never touch the database of a developer.
DATABASE = own_database()
os.environ["DATABASE_URL"] = DATABASE.render_as_string(hide_password=False)
os.environ["ENVIRONMENT"] = "development"

from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from db.database import make_engine
from main import create_app


def pytest_sessionstart(session: pytest.Session) -> None:
    """Create the database; refuse one that is not empty, as tests drop tables."""
    if session.config.option.collectonly or DATABASE.database in {None, "", ":memory:"}:
        return
    try:
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            found = runner.run(prepare())
    except Exception as error:
        message = f"cannot prepare `{DATABASE.database}` of TEST_DATABASE_URL: {error}"
        raise pytest.UsageError(message) from error
    if found:
        raise pytest.UsageError(
            f"`{DATABASE.database}` of TEST_DATABASE_URL is not empty: {', '.join(found)}"
            "\nhint: name a database that does not exist, which the tests create; or drop these"
            " tables, views and sequences"
        )


async def prepare() -> list[str]:
    """Create the database; return what is in one that exists and that tests did not create."""
    engine = make_engine(DATABASE.render_as_string(hide_password=False))
    is_postgresql = engine.dialect.name == "postgresql"
    try:
        if is_postgresql and await create(engine.url):
            return []
        async with engine.connect() as connection:
            if is_postgresql:
                return list(await connection.scalars(RELATIONS))
            return await connection.run_sync(names)
    finally:
        await engine.dispose()


def names(connection: Connection) -> list[str]:
    """Return the tables and views of a database."""
    found = inspect(connection)
    return [*found.get_table_names(), *found.get_view_names()]


async def create(url: URL) -> bool:
    """Create the database, anew if tests created it; return False for any other that exists."""
    server = make_engine(url.set(database="postgres").render_as_string(hide_password=False))
    name = server.dialect.identifier_preparer.quote(url.database or "")
    try:
        async with server.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            comment = await connection.scalar(COMMENT, {"name": url.database})
            if comment not in {None, MADE_BY_TESTS}:
                return False
            await connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
            await connection.execute(text(f"CREATE DATABASE {name}"))
            await connection.execute(text(f"COMMENT ON DATABASE {name} IS '{MADE_BY_TESTS}'"))
            return True
    finally:
        await server.dispose()


@pytest.fixture
async def app() -> AsyncIterator[FastAPI]:
    """Return a new application whose lifespan runs."""
    application = create_app()
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Return a client of the application; errors become answers, as over a socket."""
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as http:
        yield http


@pytest.fixture
def require_server() -> Callable[[str], None]:
    """Return a function that skips the test when nothing listens at a URL's host and port.

    With REQUIRE_SERVERS=1 the test fails instead.
    """

    def require(url: str) -> None:
        parts = urlsplit(url)
        try:
            socket.create_connection((parts.hostname or "", parts.port or 0), timeout=1).close()
        except OSError:
            message = f"no server at {parts.hostname}:{parts.port}"
            if os.environ.get("REQUIRE_SERVERS") == "1":
                pytest.fail(message)
            pytest.skip(message)

    return require
