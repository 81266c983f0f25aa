"""The access log."""

import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from core import access_log

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    """Return a client of an application with two routes and the access log."""
    app = FastAPI()
    app.add_middleware(access_log.AccessLog)

    @app.get("/health")
    async def health() -> None:
        return None

    @app.get("/cups/{cup}")
    async def cup(cup: int) -> float:
        return 1 / cup

    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as http:
        yield http


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Lines:
    """Return a function that returns the fields of the lines written since its last call."""
    access_log.write()  # of earlier tests
    monkeypatch.setattr(access_log.logger, "disabled", False)
    caplog.set_level(logging.INFO, access_log.logger.name)

    def read() -> list[dict[str, Any]]:
        records = [each for each in caplog.records if each.name == access_log.logger.name]
        caplog.clear()
        return [vars(each) | {"message": each.getMessage()} for each in records]

    return read


async def test_line_has_status_duration_and_route_but_no_query(
    client: AsyncClient, lines: Lines
) -> None:
    await client.get("/cups/4?token=hunter2")
    assert lines() == []
    access_log.write()
    [line] = lines()
    assert (line["message"], line["levelname"]) == ("GET /cups/4", "INFO")
    assert (line["status"], line["route"]) == (200, "/cups/{cup}")
    assert line["duration_ms"] > 0
    assert "hunter2" not in str(line)


async def test_errors_are_logged_and_health_is_not(client: AsyncClient, lines: Lines) -> None:
    for path in ("/health", "/cups/0", "/saucers"):
        await client.get(path)
    access_log.write()
    assert [(line["message"], line["status"]) for line in lines()] == [
        ("GET /cups/0", 500),
        ("GET /saucers", 404),
    ]


async def test_lines_are_written_in_batches(client: AsyncClient, lines: Lines) -> None:
    for _ in range(access_log.MAX_WAITING + 1):
        await client.get("/cups/1")
    assert len(lines()) == access_log.MAX_WAITING
    async with access_log.lifespan(FastAPI()):
        pass
    assert len(lines()) == 1
