"""Which requests are traced: decided before a span is begun, which is most of the cost."""

from collections.abc import MutableMapping, Sequence
from random import getrandbits, random
from typing import Any

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_ON,
    ParentBased,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    TraceFlags,
    TraceState,
)
from opentelemetry.util.types import Attributes
from starlette.datastructures import Headers

from core.metrics import METRICS_PATH
from settings import settings

UNTRACED_PATHS = frozenset({"/health", "/ready", METRICS_PATH})
PROPAGATED = frozenset(name.lower().encode() for name in propagate.get_global_textmap().fields)


def is_left_out(scope: MutableMapping[str, Any]) -> bool:
    """Return whether a request is not to be traced; the answer differs from call to call.

    Probes never are, requests that are part of a caller's trace follow its decision later, and
    of the others a share is.
    """
    path: str = scope["path"]
    if path in UNTRACED_PATHS or path.removeprefix(scope.get("root_path", "")) in UNTRACED_PATHS:
        return True
    if random() < settings.otel_traces_sampler_arg:  # noqa: S311
        return False
    return not _has_caller(scope)


def _has_caller(scope: MutableMapping[str, Any]) -> bool:
    # A header alone, such as the baggage of a browser, is no trace to be part of.
    if all(name not in PROPAGATED for name, _ in scope["headers"]):
        return False
    caller = propagate.extract(Headers(raw=scope["headers"]), Context())
    return trace.get_current_span(caller).get_span_context().is_valid


def left_out() -> Context:
    """Return a context with a trace of its own, for log lines, in which no span is recorded."""
    span = SpanContext(getrandbits(128) or 1, getrandbits(64) or 1, False, TraceFlags.get_default())
    return trace.set_span_in_context(NonRecordingSpan(span))


class RequestSampler(Sampler):
    """Keeps the requests that were not left out, and a share of what begins elsewhere.

    Whoever has a parent follows its decision. Without `decided` requests are one of a share too.
    """

    def __init__(self, ratio: float, *, decided: bool) -> None:
        self._others = ParentBased(TraceIdRatioBased(ratio))
        self._requests = ParentBased(ALWAYS_ON) if decided else self._others

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """Decide on a span that begins."""
        sampler = self._requests if kind is SpanKind.SERVER else self._others
        return sampler.should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )

    def get_description(self) -> str:
        """Return its name."""
        return type(self).__name__
