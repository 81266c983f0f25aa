"""`/health` and `/ready`."""

import asyncio
import time

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

import core.health
from core.health import ReadinessCheck, install


async def fine() -> None:
    return None


async def broken() -> None:
    raise ConnectionError("redis://user:secret@example.org")


async def delayed() -> None:
    time.sleep(2 * core.health.CHECK_TIMEOUT)  # noqa: ASYNC251 - the event loop is late
    raise TimeoutError


async def hanging() -> None:
    await asyncio.sleep(60)


async def reluctant() -> None:
    try:
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(20)  # as a driver that says goodbye to a server which is gone


async def ask(path: str, **checks: ReadinessCheck) -> tuple[int, dict[str, object]]:
    app = FastAPI()
    install(app, checks, checks.keys() & {"database"})
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://test") as client:
        response = await client.get(path)
    return response.status_code, response.json()


async def test_health_touches_nothing() -> None:
    assert await ask("/health", database=broken) == (200, {"status": "ok"})


async def test_ready_names_every_check() -> None:
    expected = {"status": "ready", "checks": {"database": "ok", "cache": "ok"}}
    assert await ask("/ready", database=fine, cache=fine) == (200, expected)


async def test_ready_is_unavailable_when_a_critical_check_fails() -> None:
    status, body = await ask("/ready", database=broken, cache=fine)
    assert status == 503
    assert body == {  # and no secret
        "status": "unavailable",
        "checks": {"database": "ConnectionError", "cache": "ok"},
    }


async def test_ready_is_degraded_when_only_other_checks_fail() -> None:
    expected = {"status": "degraded", "checks": {"database": "ok", "cache": "ConnectionError"}}
    assert await ask("/ready", database=fine, cache=broken) == (200, expected)


async def test_ready_is_not_unavailable_because_the_event_loop_is_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(core.health, "CHECK_TIMEOUT", 0.1)
    expected = {"status": "degraded", "checks": {"database": "TimeoutError"}}
    assert await ask("/ready", database=delayed) == (200, expected)


async def test_a_check_that_hangs_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.health, "CHECK_TIMEOUT", 0.05)
    start = time.monotonic()
    _, body = await ask("/ready", one=hanging, two=reluctant, three=fine)
    took = time.monotonic() - start
    assert body["checks"] == {"one": "TimeoutError", "two": "TimeoutError", "three": "ok"}
    assert took < 10  # below that of the driver


def test_an_unknown_critical_check_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown readiness checks: databse"):
        install(FastAPI(), {"database": fine}, {"databse"})


async def test_without_checks_the_application_is_ready() -> None:
    assert await ask("/ready") == (200, {"status": "ready", "checks": {}})


async def test_a_probe_may_ask_for_the_status_alone(client: AsyncClient) -> None:
    response = await client.head("/health")
    assert (response.status_code, response.content) == (200, b"")


async def test_the_application_is_ready(client: AsyncClient) -> None:
    checks = (await client.get("/ready")).json()["checks"]
    assert checks["database"] == "ok"
