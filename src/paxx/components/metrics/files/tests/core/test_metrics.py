"""Metrics of requests."""

import asyncio
import importlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType

import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from httpx2 import ASGITransport, AsyncClient
from prometheus_client import REGISTRY
from starlette.responses import PlainTextResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

import core
from core import metrics
from core._metrics import multiprocess
from core.metrics import ACTIVE_REQUESTS, REQUEST_COUNT, REQUEST_LATENCY
from settings import settings

pytestmark = pytest.mark.skipif(not settings.metrics_enabled, reason="METRICS_ENABLED=false")


def count(path: str, status: int = 200, method: str = "GET") -> float:
    labels = {"method": method, "path": path, "status": str(status)}
    return REGISTRY.get_sample_value("http_requests_total", labels) or 0.0


def seconds(path: str) -> float:
    labels = {"method": "GET", "path": path}
    return REGISTRY.get_sample_value("http_request_duration_seconds_sum", labels) or 0.0


def in_progress() -> float | None:
    return REGISTRY.get_sample_value("http_requests_in_progress")


def imported_again(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.delitem(sys.modules, "core.metrics")
    monkeypatch.setattr(core, "metrics", metrics)  # to be put back
    return importlib.import_module("core.metrics")


def client_of(app: FastAPI) -> AsyncClient:
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    return AsyncClient(transport=transport, base_url="http://test")


@pytest.fixture
async def measured() -> AsyncIterator[tuple[FastAPI, AsyncClient]]:
    """Return an application with nothing but the middleware, and its client."""
    app = FastAPI()
    app.add_middleware(metrics.middleware)
    async with client_of(app) as client:
        yield app, client


Measured = tuple[FastAPI, AsyncClient]


async def test_requests_are_counted_under_the_template_of_their_route(measured: Measured) -> None:
    app, client = measured
    inner, outer = APIRouter(prefix="/cups"), APIRouter(prefix="/shop")

    @inner.get("/{cup}")
    async def cup(cup: int) -> int:
        return cup

    outer.include_router(inner)
    app.include_router(outer, prefix="/v1")
    for number in (1, 2):
        await client.get(f"/v1/shop/cups/{number}")
    await client.get("/v1/shop/cups/none")
    await client.delete("/v1/shop/cups/1")
    template = "/v1/shop/cups/{cup}"
    assert (count(template), count(template, 422)) == (2, 1)
    assert count(template, 405, "DELETE") == 1


async def test_a_mounted_application_keeps_its_prefix(measured: Measured) -> None:
    app, client = measured
    mounted = FastAPI()

    @mounted.get("/cups/{cup}")
    async def cup(cup: int) -> int:
        return cup

    app.mount("/mounted", mounted)
    app.mount("/tenants/{tenant}", mounted)
    app.mount("/files", StaticFiles(directory="core"))
    for path in ("/mounted/cups/1", "/tenants/a/cups/1", "/tenants/b/cups/2"):
        assert (await client.get(path)).status_code == 200
    for path in ("/files/metrics.py", "/files/tracing.py"):
        assert (await client.get(path)).status_code == 200
    assert count("/mounted/cups/{cup}") == 1
    assert count("/tenants/{tenant}/cups/{cup}") == 2
    assert count("/files/{path}") == 2


async def test_clients_cannot_make_series(measured: Measured) -> None:
    _, client = measured
    before = count("unmatched", 404), count("unmatched", 404, "_OTHER")
    for number in range(20):
        await client.get(f"/{number}")
        await client.request(f"METHOD{number}", f"/{number}")
    assert count("unmatched", 404) == before[0] + 20
    assert count("unmatched", 404, "_OTHER") == before[1] + 20


async def test_plain_routes_have_their_path(measured: Measured) -> None:
    app, client = measured
    app.add_route("/plain/{name}", lambda _: PlainTextResponse("plain"))
    before = count("/docs")
    await client.get("/docs")
    await client.get("/plain/a")
    assert (count("/docs"), count("/plain/{name}")) == (before + 1, 1)


async def test_an_exception_counts_as_500_and_goes_on(measured: Measured) -> None:
    app, client = measured

    @app.get("/bug")
    async def bug() -> None:
        raise ValueError("bug")

    @app.get("/teapot")
    async def teapot() -> None:
        raise HTTPException(418)

    await client.get("/bug")
    await client.get("/teapot")
    assert (count("/bug", 500), count("/teapot", 418), in_progress()) == (1, 1, 0)
    transport = ASGITransport(app=app)
    async with AsyncClient(transport=transport, base_url="http://test") as strict:
        with pytest.raises(ValueError, match="bug"):
            await strict.get("/bug")


async def test_a_stream_is_timed_to_its_last_byte(measured: Measured) -> None:
    app, client = measured
    during: list[float | None] = []

    async def body() -> AsyncIterator[bytes]:
        for _ in range(2):
            await asyncio.sleep(0.02)
            during.append(in_progress())
            yield b"."

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(body())

    await client.get("/stream")
    assert during == [1, 1]
    assert in_progress() == 0
    assert seconds("/stream") >= 0.04


async def test_what_comes_before_the_answer_does_not_end_the_request() -> None:
    async def hinting(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.early_hint", "links": []})
        await send({"type": "http.response.start", "status": 202, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    async def ignore(message: Message) -> None:
        assert message

    scope = {"type": "http", "method": "GET", "path": "/hinting", "headers": []}
    await metrics.middleware(hinting)(scope, nothing, ignore)
    assert (count("unmatched", 202), count("unmatched", 500)) == (1, 0)


async def test_a_cancelled_request_is_no_longer_in_progress(measured: Measured) -> None:
    app, client = measured

    @app.get("/slow")
    async def slow() -> None:
        await asyncio.sleep(60)

    request = asyncio.create_task(client.get("/slow"))
    await asyncio.sleep(0.05)
    assert in_progress() == 1
    request.cancel()
    await asyncio.gather(request, return_exceptions=True)
    assert (in_progress(), count("/slow", 499)) == (0, 1)


async def test_the_endpoint_speaks_both_formats_and_leaves_itself_out(client: AsyncClient) -> None:
    await client.get("/health")
    plain = await client.get("/metrics")
    assert plain.headers["content-type"].startswith("text/plain; version=")
    assert 'http_requests_total{method="GET",path="/health",status="200"}' in plain.text
    assert '"/metrics"' not in (await client.get("/metrics")).text
    assert "http_requests_in_progress 0.0" in plain.text
    wanted = {"accept": "application/openmetrics-text; version=1.0.0"}
    openmetrics = await client.get("/metrics", headers=wanted)
    assert openmetrics.headers["content-type"].startswith("application/openmetrics-text")
    assert openmetrics.text.endswith("# EOF\n")
    assert "/metrics" not in (await client.get("/openapi.json")).json()["paths"]


async def test_switched_off_there_is_neither_endpoint_nor_middleware(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "metrics_enabled", False)
    off = imported_again(monkeypatch)
    app = FastAPI()
    assert off.middleware(app) is app
    app.include_router(off.router)
    async with client_of(app) as client:
        assert (await client.get("/metrics")).status_code == 404


def test_a_second_import_finds_the_metrics_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    again = imported_again(monkeypatch)
    assert again is not metrics
    assert again.REQUEST_COUNT is REQUEST_COUNT
    assert again.REQUEST_LATENCY is REQUEST_LATENCY
    assert again.ACTIVE_REQUESTS is ACTIVE_REQUESTS


def test_the_first_process_empties_the_directory_that_processes_share(tmp_path: Path) -> None:
    left_over, of_this_run = tmp_path / "counter_1.db", tmp_path / "counter_2.db"
    left_over.touch()
    with multiprocess.join(tmp_path):
        assert not left_over.exists()
        of_this_run.touch()
        with multiprocess.join(tmp_path):
            assert of_this_run.exists()
    with multiprocess.join(tmp_path):
        assert not of_this_run.exists()
