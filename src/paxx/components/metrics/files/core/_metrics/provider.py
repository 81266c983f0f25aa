"""The tracer provider of the process; imported when tracing is on, because the SDK is large."""

import contextlib
import importlib
from collections.abc import AsyncIterator
from typing import Any

from opentelemetry import trace
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import (
    ReadableSpan,
    SpanProcessor,
    SynchronousMultiSpanProcessor,
    TracerProvider,
)
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased, TraceIdRatioBased
from opentelemetry.trace import Tracer

from core._metrics import otlp
from core._metrics.log_lines import add_trace_to_log_lines
from db.database import engine
from settings import settings

HTTP_CLIENTS = {"httpx": "HTTPXClientInstrumentor", "httpx2": "HTTPX2ClientInstrumentor"}


class Outlet(SpanProcessor):
    """Passes spans to a batch processor while lifespans run.

    A provider can be set once in a process and not be replaced; lifespans come and go.
    """

    def __init__(self) -> None:
        self.batch: SpanProcessor | None = None
        self.users = 0

    def on_end(self, span: ReadableSpan) -> None:
        """Pass on a span."""
        if self.batch is not None:
            self.batch.on_end(span)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what waits."""
        return self.batch is None or self.batch.force_flush(timeout_millis)

    @contextlib.asynccontextmanager
    async def opened(self, endpoint: str) -> AsyncIterator[None]:
        """Send spans to the endpoint inside the block, and the last of them at its end."""
        if self.users == 0:
            self.batch = otlp.batches(endpoint)
        self.users += 1
        try:
            yield
        finally:
            self.users -= 1
            if self.users == 0 and (batch := self.batch) is not None:
                self.batch = None
                await otlp.close(batch)


class _Provider(TracerProvider):
    outlet: Outlet
    request_tracer: Tracer


def span_outlet() -> Outlet | None:
    """Return the outlet of the provider, which the first call makes.

    None where something else, such as `opentelemetry-instrument`, has set a provider.
    """
    current = trace.get_tracer_provider()
    if not isinstance(current, trace.ProxyTracerProvider):
        # Not `isinstance`: it may come from an earlier import of this module.
        return getattr(current, "outlet", None)
    outlet = Outlet()
    shared: dict[str, Any] = {
        "active_span_processor": SynchronousMultiSpanProcessor(),  # type: ignore[no-untyped-call]
        "resource": Resource.create({"service.name": settings.otel_service_name}),
        "shutdown_on_exit": False,
    }
    ratio = TraceIdRatioBased(settings.otel_traces_sampler_arg)
    provider = _Provider(sampler=ParentBased(ratio), **shared)
    provider.add_span_processor(outlet)
    provider.outlet = outlet
    # `core.tracing` has chosen the requests before it begins a span.
    requests = TracerProvider(sampler=ParentBased(ALWAYS_ON), **shared)
    provider.request_tracer = requests.get_tracer("core.tracing")
    trace.set_tracer_provider(provider)
    _instrument()
    add_trace_to_log_lines()
    return outlet


def _instrument() -> None:
    # Unchecked: its declared range ends before the SQLAlchemy release it works with.
    SQLAlchemyInstrumentor().instrument(engine=engine.sync_engine, skip_dep_check=True)
    for package, name in HTTP_CLIENTS.items():
        # Earlier releases know httpx alone, and fail to be imported without it.
        with contextlib.suppress(ImportError, AttributeError):
            importlib.import_module(package)
            clients = importlib.import_module("opentelemetry.instrumentation.httpx")
            getattr(clients, name)().instrument(skip_dep_check=True)
