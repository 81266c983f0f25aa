"""Which requests are traced: decided before a span is begun, which is most of the cost."""

from random import getrandbits, random

from opentelemetry import propagate, trace
from opentelemetry.context import Context, get_current
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags
from starlette.datastructures import Headers
from starlette.types import Scope

from core.metrics import METRICS_PATH
from settings import settings

UNTRACED_PATHS = frozenset({"/health", "/ready", METRICS_PATH})
PROPAGATED = frozenset(name.lower().encode() for name in propagate.get_global_textmap().fields)


def parent_of(scope: Scope) -> Context | None:
    """Return the context to trace a request in, or None to leave it out; calls may differ.

    Probes are left out, requests that are part of a caller's trace follow its decision, and of
    the others a share is traced.
    """
    path: str = scope["path"]
    if path in UNTRACED_PATHS or path.removeprefix(scope.get("root_path", "")) in UNTRACED_PATHS:
        return None
    caller = _caller(scope)
    if caller is not None or random() < settings.otel_traces_sampler_arg:  # noqa: S311
        return caller or get_current()
    return None


def _caller(scope: Scope) -> Context | None:
    for name, _ in scope["headers"]:
        if name in PROPAGATED:
            caller = propagate.extract(Headers(raw=scope["headers"]), Context())
            # A header alone, such as the baggage of a browser, is no trace to be part of.
            return caller if trace.get_current_span(caller).get_span_context().is_valid else None
    return None


def left_out() -> Context:
    """Return a context with a trace of its own, for log lines, in which no span is recorded."""
    span = SpanContext(getrandbits(128) or 1, getrandbits(64) or 1, False, TraceFlags.get_default())
    return trace.set_span_in_context(NonRecordingSpan(span))
