"""OpenTelemetry traces of requests, SQL and HTTP calls, sent in batches over OTLP."""

import contextlib
import importlib
import inspect
import logging
import os
from collections.abc import AsyncIterator
from typing import Any, cast

from fastapi import FastAPI
from opentelemetry import context, trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.trace import Span, Tracer
from pydantic_settings import DotEnvSettingsSource
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import db.database
from core._metrics import otlp
from core._metrics.sampling import RequestSampler, is_left_out, left_out
from core.route_template import path_template
from settings import settings

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
HTTP_CLIENTS = {"httpx": "HTTPXClientInstrumentor", "httpx2": "HTTPX2ClientInstrumentor"}

# FastAPI traces requests by itself since 0.142, once a provider is set.
FASTAPI_TRACES = "telemetry" in inspect.signature(FastAPI.__init__).parameters


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
    target = endpoint()
    outlet = None if target is None else _outlet(decided=_configure(app))
    if target is None or outlet is None:
        yield
        return
    if outlet.users == 0:
        outlet.batch = otlp.batches(target)
    outlet.users += 1
    try:
        yield
    finally:
        outlet.users -= 1
        if outlet.users == 0 and (batch := outlet.batch) is not None:
            outlet.batch = None
            await otlp.close(batch)


def middleware(app: ASGIApp) -> ASGIApp:
    """Return the application with the chosen of its requests traced, or as it is."""
    return app if endpoint() is None else _Chosen(app)


class _Outlet(SpanProcessor):
    # A provider can be set once in a process and not be taken back; lifespans come and go.
    def __init__(self) -> None:
        self.batch: SpanProcessor | None = None
        self.users = 0

    def on_end(self, span: ReadableSpan) -> None:
        if self.batch is not None:
            self.batch.on_end(span)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self.batch is None or self.batch.force_flush(timeout_millis)


class _Provider(TracerProvider):
    outlet: _Outlet


def _outlet(*, decided: bool) -> _Outlet | None:
    current = trace.get_tracer_provider()
    if not isinstance(current, trace.ProxyTracerProvider):
        # Not `isinstance`: it may come from an earlier import of this module.
        return getattr(current, "outlet", None)
    provider = _Provider(
        sampler=RequestSampler(settings.otel_traces_sampler_arg, decided=decided),
        resource=Resource.create({"service.name": settings.otel_service_name}),
        shutdown_on_exit=False,
    )
    provider.outlet = _Outlet()
    provider.add_span_processor(provider.outlet)
    trace.set_tracer_provider(provider)
    _instrument()
    _number_log_lines()
    return provider.outlet


def _instrument() -> None:
    from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor

    # Unchecked: its declared range ends before the SQLAlchemy release it works with.
    SQLAlchemyInstrumentor().instrument(engine=db.database.engine.sync_engine, skip_dep_check=True)
    for package, name in HTTP_CLIENTS.items():
        # Earlier releases know httpx alone, and fail to be imported without it.
        with contextlib.suppress(ImportError, AttributeError):
            importlib.import_module(package)
            clients = importlib.import_module("opentelemetry.instrumentation.httpx")
            getattr(clients, name)().instrument(skip_dep_check=True)


def _number_log_lines() -> None:
    make = logging.getLogRecordFactory()

    def numbered(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        span = trace.get_current_span().get_span_context()
        if span.is_valid:
            record.trace_id = trace.format_trace_id(span.trace_id)
            record.span_id = trace.format_span_id(span.span_id)
        return record

    logging.setLogRecordFactory(numbered)


def _configure(app: FastAPI) -> bool:
    # FastAPI takes this from its constructor alone, which main.py leaves to the defaults. Its
    # spans for dependencies, endpoint and serialization would double the cost of a trace.
    if FASTAPI_TRACES:
        telemetry = getattr(app, "_telemetry", None)
        if not isinstance(telemetry, dict):
            return False
        telemetry.update(operation_spans=False, exclude=is_left_out, auto_configure=False)
    return True


class _Chosen:
    # What is left out gets a trace too: spans below, such as its SQL, are left out with it.
    __slots__ = ("app", "traced")

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.traced = app if FASTAPI_TRACES else _traced_by_contrib(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            # FastAPI 0.142 would export by itself from here on, beside us and over HTTP alone.
            _configure(scope["app"])
            await self.traced(scope, receive, send)
            return
        if _is_traced(scope):
            await self.traced(scope, receive, send)
            return
        token = context.attach(left_out())
        try:
            await self.app(scope, receive, send)
        finally:
            context.detach(token)


def _is_traced(scope: Scope) -> bool:
    if FASTAPI_TRACES:  # it has asked already
        return trace.get_current_span().get_span_context().is_valid
    return not is_left_out(scope)


def _traced_by_contrib(app: ASGIApp) -> ASGIApp:
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

    options: dict[str, Any] = {"default_span_details": lambda scope: (_method(scope), {})}
    if "exclude_spans" in inspect.signature(OpenTelemetryMiddleware).parameters:
        options["exclude_spans"] = ["receive", "send"]
    traced: Any = OpenTelemetryMiddleware
    return cast(ASGIApp, traced(_Named(app), **options))


class _Named:
    # The template is known once the route is found, after the span has begun.
    __slots__ = ("app",)

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        span = trace.get_current_span()
        root_path = scope.get("root_path", "")

        async def named(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.accept"}:
                _name(span, scope, root_path)
            await send(message)

        try:
            await self.app(scope, receive, named)
        except BaseException:
            _name(span, scope, root_path)
            raise


def _name(span: Span, scope: Scope, root_path: str) -> None:
    if span.is_recording():
        template = path_template(scope, root_path)
        span.update_name(f"{_method(scope)} {template}")
        span.set_attribute("http.route", template)


def _method(scope: Scope) -> str:
    return str(scope.get("method", "WS"))
