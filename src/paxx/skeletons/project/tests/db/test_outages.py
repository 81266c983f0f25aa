"""Databases that are away, go away, or go silent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import async_sessionmaker

import db.database
from db.database import SessionDep, make_engine, session_factory
from db.outages import is_outage, tell_outages


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Return the port of a server that accepts connections and never says a word."""
    open_until = asyncio.Event()

    async def be_silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await open_until.wait()
        writer.close()

    server = await asyncio.start_server(be_silent, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    open_until.set()
    server.close()


@asynccontextmanager
async def database_at(port: int, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Have requests use the database at a port of this machine."""
    engine = make_engine(f"postgresql+asyncpg://shop:secret@127.0.0.1:{port}/shop")
    tell_outages(engine)
    with monkeypatch.context() as patched:
        patched.setattr(db.database, "session_factory", async_sessionmaker(engine))
        yield
    await engine.dispose()


@pytest.fixture
def _route(app: FastAPI) -> None:
    @app.get("/now")
    async def now(session: SessionDep) -> Any:
        return await session.scalar(text("SELECT CURRENT_TIMESTAMP"))


@pytest.mark.usefixtures("_route")
async def test_a_database_that_is_away_is_503(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with database_at(1, monkeypatch):
        answer = await client.get("/now")
    assert (answer.status_code, answer.json()["title"]) == (503, "The database is unavailable")
    assert "ConnectionRefusedError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.usefixtures("_route")
async def test_a_database_that_is_silent_is_503(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    async with database_at(port, monkeypatch), asyncio.timeout(60):
        assert (await client.get("/now")).status_code == 503


async def test_no_free_connection_is_503(app: FastAPI, client: AsyncClient) -> None:
    @app.get("/busy")
    async def busy(session: SessionDep) -> None:
        del session
        raise PoolTimeoutError

    assert (await client.get("/busy")).status_code == 503


async def test_what_else_takes_too_long_is_no_outage(app: FastAPI, client: AsyncClient) -> None:
    @app.get("/slow")
    async def slow(session: SessionDep) -> None:
        await session.execute(text("SELECT 1"))
        raise TimeoutError

    assert (await client.get("/slow")).status_code == 500


@pytest.mark.usefixtures("app")
async def test_a_wrong_statement_is_no_outage() -> None:
    async with session_factory() as session:
        with pytest.raises(DBAPIError, match="nowhere"):
            await session.execute(text("SELECT * FROM nowhere"))


class ServerError(Exception):
    """What a driver raises, with the code of PostgreSQL."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.mark.parametrize("code", ["08006", "53300", "57P01", "57P03"])
def test_codes_of_outages(code: str) -> None:
    assert is_outage(ServerError(code))


@pytest.mark.parametrize("code", ["23505", "28P01", "3D000", "57014", None])
def test_other_codes(code: str | None) -> None:
    assert not is_outage(ServerError(code))
