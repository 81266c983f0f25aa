"""The trace of a request goes on in its jobs, where OpenTelemetry is installed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from importlib.util import find_spec

_trace = import_module("opentelemetry.trace") if find_spec("opentelemetry") else None
_propagate = import_module("opentelemetry.propagate") if find_spec("opentelemetry") else None

headers: ContextVar[Mapping[str, str] | None] = ContextVar("trace_headers", default=None)
"""In a job: the trace context of whoever enqueued it."""


def inject() -> dict[str, str]:
    """Return the trace context of the caller, empty without a trace."""
    carrier: dict[str, str] = {}
    if _propagate is not None:
        _propagate.inject(carrier)
    return carrier


@contextmanager
def span(task: str, job_id: str, job_try: int) -> Iterator[None]:
    """Run a job in a span of the trace that it belongs to."""
    if _trace is None or _propagate is None:
        yield
        return
    with _trace.get_tracer(__name__).start_as_current_span(
        task,
        _propagate.extract(headers.get() or {}),
        kind=_trace.SpanKind.CONSUMER,
        attributes={
            "messaging.system": "arq",
            "messaging.message.id": job_id,
            "messaging.delivery_attempt": job_try,
        },
    ):
        yield
