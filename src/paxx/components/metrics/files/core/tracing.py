"""OpenTelemetry traces of requests, SQL and HTTP calls, sent in batches over OTLP."""

import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI
from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, StatusCode, Tracer
from pydantic_settings import DotEnvSettingsSource
from starlette.types import ASGIApp, Receive, Scope, Send

from core._metrics.log_lines import failed_span
from core._metrics.requests import RequestObserver
from core._metrics.sampling import left_out, parent_of
from core.metrics import METHODS, OTHER_METHOD
from settings import settings

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


def get_tracer(name: str) -> Tracer:
    """Return a tracer for spans of your own; without an endpoint they cost next to nothing."""
    return trace.get_tracer(name)


def endpoint() -> str | None:
    """Return where spans go, or None when tracing is off.

    It is off with OTEL_SDK_DISABLED, and with an OTEL_EXPORTER_OTLP_ENDPOINT that is empty in the
    environment or in `.env`, which settings take for the default.
    """
    disabled = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    dotenv = DotEnvSettingsSource(type(settings), env_ignore_empty=False).env_vars
    written = os.environ.get(ENDPOINT, dotenv.get(ENDPOINT.lower()))
    return None if disabled or written == "" else settings.otel_exporter_otlp_endpoint or None


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Send spans while the application runs, and the last of them when it stops.

    The provider is made by the first lifespan of a process, so after a fork, and stays; one
    that something else has set is left alone.
    """
    async with contextlib.AsyncExitStack() as stack:
        if (target := endpoint()) is not None:
            _leave_spans_to_us(app)
            from core._metrics.provider import span_outlet

            if (outlet := span_outlet()) is not None:
                await stack.enter_async_context(outlet.opened(target))
        yield


def _leave_spans_to_us(app: FastAPI) -> None:
    # For a main.py that does not pass `telemetry={"tracing": False}`, because it is older than
    # this module. An application that exists has no public way.
    telemetry = getattr(app, "_telemetry", None)
    if isinstance(telemetry, dict):
        telemetry["tracing"] = False


def middleware(app: ASGIApp) -> ASGIApp:
    """Return the application with the chosen of its requests traced, or as it is."""
    return app if endpoint() is None else _Traced(app)


class _Traced:
    # What is left out gets a trace too: spans below, such as its SQL, are left out with it.
    __slots__ = ("app", "tracer")

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.tracer = get_tracer(__name__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        # As FastAPI does: a mounted application makes no span of its own.
        if scope.setdefault("fastapi.telemetry", None) is not None:
            await self.app(scope, receive, send)  # FastAPI traces, unless main.py says otherwise
            return
        parent = parent_of(scope)
        if parent is None:
            inner = left_out()
            answer = self.app(scope, receive, send)
        else:
            # A provider that something else has set has no tracer for requests.
            tracer = getattr(trace.get_tracer_provider(), "request_tracer", self.tracer)
            request = _TracedRequest(scope, send, tracer, parent)
            inner = trace.set_span_in_context(request.span, parent)
            answer = request.run(self.app, receive)
        token = context.attach(inner)
        try:
            await answer
        except BaseException:
            failed_span.set(trace.get_current_span().get_span_context())
            raise
        finally:
            context.detach(token)


class _TracedRequest(RequestObserver):
    # The route is known once it is found, so that the span is named when it ends.
    __slots__ = ("method", "span")

    def __init__(self, scope: Scope, send: Send, tracer: Tracer, parent: Context) -> None:
        super().__init__(scope, send)
        method = scope.get("method", "WS")
        self.method = method if method in METHODS or method == "WS" else OTHER_METHOD
        self.span = tracer.start_span(self.method, parent, SpanKind.SERVER)

    def on_end(self, error: BaseException | None) -> None:
        span = self.span
        if not span.is_recording():
            span.end()
            return
        route = self.route
        # Not the query, which may hold tokens and signatures.
        attributes: dict[str, Any] = {
            "http.route": route,
            "url.path": self.scope["path"],
            "url.scheme": self.scope.get("scheme", "http"),
        }
        is_failed = error is not None
        if self.scope["type"] == "http":
            attributes["http.request.method"] = self.method
            attributes["http.response.status_code"] = self.status
            is_failed = is_failed or self.status >= 500
        if is_failed:
            attributes["error.type"] = type(error).__name__ if error else str(self.status)
            span.set_status(StatusCode.ERROR)
        span.update_name(f"{self.method} {route}")
        span.set_attributes(attributes)
        span.end()
