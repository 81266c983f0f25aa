"""What needs no server: streams, cancelled requests, the shared directory, the collector's URL."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from httpx2 import ASGITransport, AsyncClient
from prometheus_client import REGISTRY
from starlette.types import Message, Receive, Scope, Send

from core import metrics
from core._metrics import multiprocess, otlp
from core._metrics.sampling import parent_of
from core.tracing import _leave_spans_to_us, endpoint
from settings import settings


def count(path: str, status: int) -> float:
    labels = {"method": "GET", "path": path, "status": str(status)}
    return REGISTRY.get_sample_value("http_requests_total", labels) or 0.0


def in_progress() -> float | None:
    return REGISTRY.get_sample_value("http_requests_in_progress")


@pytest.fixture
async def measured() -> AsyncIterator[tuple[FastAPI, AsyncClient]]:
    """Return an application with nothing but the middleware, and its client."""
    app = FastAPI()
    app.add_middleware(metrics.middleware)
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://test") as client:
        yield app, client


Measured = tuple[FastAPI, AsyncClient]


async def test_a_stream_is_in_progress_until_its_last_byte(measured: Measured) -> None:
    app, client = measured
    during: list[float | None] = []

    async def body() -> AsyncIterator[bytes]:
        for _ in range(2):
            during.append(in_progress())
            yield b"."

    @app.get("/dots")
    async def dots() -> StreamingResponse:
        return StreamingResponse(body())

    await client.get("/dots")
    assert during == [1, 1]
    assert (in_progress(), count("/dots", 200)) == (0, 1)


async def test_an_early_hint_does_not_end_the_request() -> None:
    async def hinting(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.early_hint", "links": []})
        await send({"type": "http.response.start", "status": 202, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        assert message

    before = count("unmatched", 202)
    scope = {"type": "http", "method": "GET", "path": "/hinting", "headers": []}
    await metrics.middleware(hinting)(scope, receive, send)
    assert count("unmatched", 202) == before + 1


async def test_a_cancelled_request_is_no_longer_in_progress(measured: Measured) -> None:
    app, client = measured
    started = asyncio.Event()

    @app.get("/waiting")
    async def waiting() -> None:
        started.set()
        await asyncio.Event().wait()

    request = asyncio.create_task(client.get("/waiting"))
    await started.wait()
    assert in_progress() == 1
    request.cancel()
    await asyncio.gather(request, return_exceptions=True)
    assert (in_progress(), count("/waiting", 499)) == (0, 1)


def test_the_first_process_empties_the_shared_directory(tmp_path: Path) -> None:
    stale, current = tmp_path / "counter_1.db", tmp_path / "counter_2.db"
    stale.touch()
    with multiprocess.join(tmp_path):
        assert not stale.exists()
        current.touch()
        with multiprocess.join(tmp_path):
            assert current.exists()
    with multiprocess.join(tmp_path):
        assert not current.exists()


def test_several_workers_of_gunicorn_are_reported(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    assert multiprocess.shared_directory() is None
    assert caplog.messages == []
    monkeypatch.setenv("SERVER_SOFTWARE", "gunicorn/23.0.0")
    assert multiprocess.shared_directory() is None
    assert "PROMETHEUS_MULTIPROC_DIR is empty" in caplog.text


@pytest.mark.parametrize("header", [b"baggage", b"tracestate", b"traceparent"])
def test_a_header_without_a_trace_is_not_sampled(
    monkeypatch: pytest.MonkeyPatch, header: bytes
) -> None:
    monkeypatch.setattr(settings, "otel_traces_sampler_arg", 0.0)
    assert parent_of({"path": "/docs", "headers": [(header, b"tea=green")]}) is None


def test_fastapi_keeps_its_telemetry_where_it_is_switched_off() -> None:
    app = FastAPI()
    assert vars(app)["_telemetry"]["tracing"] is True, "FastAPI has moved it: see core/tracing.py"
    _leave_spans_to_us(app)
    assert vars(app)["_telemetry"]["tracing"] is False


def test_an_empty_endpoint_in_dotenv_switches_tracing_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT")
    monkeypatch.delenv("OTEL_SDK_DISABLED", raising=False)
    (tmp_path / ".env").write_text("OTEL_EXPORTER_OTLP_ENDPOINT=\n")
    assert endpoint() is None
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317")
    assert endpoint() is not None


@pytest.mark.parametrize(
    ("url", "protocol"),
    [
        ("http://localhost:4317", "grpc"),
        ("https://collector.example.org", "grpc"),
        ("http://localhost:4318", "http"),
        ("https://collector.example.org/v1/traces", "http"),
    ],
)
def test_the_endpoint_decides_the_protocol(url: str, protocol: str) -> None:
    exporter = otlp.exporter(url)
    assert f".proto.{protocol}." in type(exporter).__module__
    exporter.shutdown()
