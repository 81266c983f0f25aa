"""What happens between SIGTERM and the end of the server."""

import asyncio
import signal
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

import core.drain
from core.health import install
from settings import settings


@pytest.fixture
def stops() -> Iterator[list[int]]:
    """Return the signals that reach the server."""
    received: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: received.append(number))
    yield received
    signal.signal(signal.SIGTERM, before)


async def test_sigterm_makes_the_application_unready_and_a_second_one_stops_the_server(
    stops: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "drain_seconds", 60)
    app = FastAPI()
    install(app, {}, ())
    transport = ASGITransport(app=app)
    async with core.drain.lifespan(app), AsyncClient(transport=transport) as client:
        assert (await client.get("http://test/ready")).status_code == 200
        signal.raise_signal(signal.SIGTERM)
        answer = await client.get("http://test/ready")
        assert (answer.status_code, answer.json()) == (503, {"status": "draining", "checks": {}})
        assert (await client.get("http://test/health")).status_code == 200
        assert stops == []
        signal.raise_signal(signal.SIGTERM)
        assert stops == [signal.SIGTERM]


@pytest.mark.usefixtures("stops")
async def test_the_server_stops_after_the_drain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "drain_seconds", 0.01)
    app, stopped = FastAPI(), asyncio.Event()
    install(app, {}, ())
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    async with core.drain.lifespan(app), asyncio.timeout(10):
        signal.raise_signal(signal.SIGTERM)
        await stopped.wait()


@pytest.mark.parametrize("seconds", [0, 60])
async def test_the_handler_of_the_server_is_restored(
    seconds: float, stops: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "drain_seconds", seconds)
    async with core.drain.lifespan(FastAPI()):
        assert stops == []
    signal.raise_signal(signal.SIGTERM)
    assert stops == [signal.SIGTERM]
