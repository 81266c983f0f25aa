"""Traces, with spans kept in memory and no collector."""

import logging
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from sqlalchemy import text

from core.tracing import endpoint, get_tracer
from db.database import SessionDep
from settings import settings

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
# Sampled by its caller, whatever the ratio of this environment.
SAMPLED = {"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01"}
NOT_SAMPLED = {"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-00"}
UNREACHABLE = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _tracing(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SDK_DISABLED"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(settings, "otel_exporter_otlp_endpoint", UNREACHABLE)


@pytest.fixture
def spans(app: FastAPI) -> Iterator[InMemorySpanExporter]:
    """Return the exporter that keeps the spans of the running application."""
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider)
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield exporter
    exporter.shutdown()


def of_kind(spans: InMemorySpanExporter, kind: SpanKind) -> list[ReadableSpan]:
    return [span for span in spans.get_finished_spans() if span.kind is kind]


async def test_request_is_one_trace_from_caller_to_sql(
    app: FastAPI, client: AsyncClient, spans: InMemorySpanExporter
) -> None:
    @app.get("/cups/{cup}")
    async def cup(cup: str, session: SessionDep) -> str:
        with get_tracer(__name__).start_as_current_span("pour"):
            await session.execute(text("SELECT :secret"), {"secret": cup})
        return cup

    await client.get("/cups/hunter2", headers=SAMPLED)
    [server] = of_kind(spans, SpanKind.SERVER)
    assert server.name == "GET /cups/{cup}"
    [pour] = [span for span in spans.get_finished_spans() if span.name == "pour"]
    [sql] = [span for span in of_kind(spans, SpanKind.CLIENT) if "SELECT" in span.name]
    assert server.context is not None
    assert pour.context is not None
    assert (sql.parent and sql.parent.span_id) == pour.context.span_id
    assert (pour.parent and pour.parent.span_id) == server.context.span_id
    assert trace.format_trace_id(server.context.trace_id) == TRACE_ID
    assert "hunter2" not in str(dict(sql.attributes or {}))


async def test_unsampled_caller_is_not_traced(
    client: AsyncClient, spans: InMemorySpanExporter
) -> None:
    await client.get("/docs", headers=NOT_SAMPLED)
    assert spans.get_finished_spans() == ()


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
async def test_probes_and_scrapes_are_not_traced(
    client: AsyncClient, spans: InMemorySpanExporter, path: str
) -> None:
    await client.get(path, headers=SAMPLED)
    assert spans.get_finished_spans() == ()


async def test_log_lines_of_a_request_have_its_trace_id(
    app: FastAPI, client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/log")
    async def log() -> None:
        logging.getLogger("shop").warning("inside")

    await client.get("/log", headers=SAMPLED)
    logging.getLogger("shop").warning("outside")
    inside, outside = (record for record in caplog.records if record.name == "shop")
    assert vars(inside)["trace_id"] == TRACE_ID
    assert len(vars(inside)["span_id"]) == 16
    assert "trace_id" not in vars(outside)


@pytest.mark.parametrize(
    ("variable", "value"), [("OTEL_SDK_DISABLED", "true"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "")]
)
def test_environment_switches_tracing_off(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    assert endpoint() == UNREACHABLE
    monkeypatch.setenv(variable, value)
    assert endpoint() is None
