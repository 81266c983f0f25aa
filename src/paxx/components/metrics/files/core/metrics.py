"""Prometheus metrics of HTTP requests: the middleware that counts them, and `/metrics`."""

import asyncio
import gzip
import logging
from hmac import compare_digest
from time import perf_counter

from fastapi import APIRouter, Request, Response
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from starlette.types import ASGIApp, Receive, Scope, Send

from core._metrics import multiprocess
from core._metrics.requests import UNMATCHED_PATH, RequestObserver
from settings import settings

logger = logging.getLogger(__name__)

METRICS_PATH = "/metrics"
METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY"}
)
# Clients choose paths and methods: what no route knows shares one value.
OTHER_METHOD = "_OTHER"
MAX_SERIES = 10_000  # beyond that, new combinations of labels count as unmatched

Series = dict[tuple[str, str, int], tuple[Counter, Histogram]]

REQUEST_COUNT = Counter("http_requests_total", "HTTP requests", ["method", "path", "status"])
REQUEST_LATENCY = Histogram(
    "http_request_duration_seconds",
    "Time from the request to the last byte of its answer",
    ["method", "path"],
)
ACTIVE_REQUESTS = Gauge(
    "http_requests_in_progress",
    "HTTP requests that are being answered",
    multiprocess_mode="livesum",
)


def middleware(app: ASGIApp) -> ASGIApp:
    """Return the application with its requests counted, or as it is when metrics are off."""
    return _Measured(app) if settings.metrics_enabled else app


class _Measured:
    __slots__ = ("app", "series")

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.series: Series = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_scrape(scope):
            await self.app(scope, receive, send)
            return
        ACTIVE_REQUESTS.inc()
        await _Measurement(scope, send, self.series).run(self.app, receive)


class _Measurement(RequestObserver):
    __slots__ = ("series",)

    def __init__(self, scope: Scope, send: Send, series: Series) -> None:
        super().__init__(scope, send)
        self.series = series

    def on_end(self, _: BaseException | None) -> None:
        ACTIVE_REQUESTS.dec()
        count, latency = self._children()
        count.inc()
        latency.observe(perf_counter() - self.start)

    def _children(self) -> tuple[Counter, Histogram]:
        method = self.scope["method"]
        if method not in METHODS:
            method = OTHER_METHOD
        key = (method, self.route, self.status)
        found = self.series.get(key)
        if found is None:
            if len(self.series) >= MAX_SERIES:
                key = (method, UNMATCHED_PATH, self.status)
            found = REQUEST_COUNT.labels(*key), REQUEST_LATENCY.labels(*key[:2])
            if len(self.series) < MAX_SERIES:
                self.series[key] = found
        return found


def _is_scrape(scope: Scope) -> bool:
    path: str = scope["path"]
    return path.endswith(METRICS_PATH) and path in {
        METRICS_PATH,
        scope.get("root_path", "") + METRICS_PATH,
    }


router = APIRouter(include_in_schema=False)


async def expose(request: Request) -> Response:
    """Answer with all metrics, in the format and encoding that the client asks for."""
    if not _is_allowed(request.headers.get("authorization", "")):
        return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
    # In a thread: with many series this takes longer than a request should.
    return await asyncio.to_thread(
        _render,
        request.headers.get("accept", ""),
        "gzip" in request.headers.get("accept-encoding", ""),
    )


if settings.metrics_enabled:
    # Plain, because every request to a later route is compared with it.
    router.add_route(METRICS_PATH, expose, include_in_schema=False)
    if settings.environment != "development" and not settings.metrics_token.get_secret_value():
        logger.warning("METRICS_TOKEN is empty: /metrics answers 401 outside development")


def _is_allowed(authorization: str) -> bool:
    token = settings.metrics_token.get_secret_value()
    if not token:
        return settings.environment == "development"
    return compare_digest(authorization.encode(), f"Bearer {token}".encode())


def _render(accept: str, compressed: bool) -> Response:
    encode, content_type = choose_encoder(accept)
    headers = {"Content-Type": content_type, "Vary": "Accept, Accept-Encoding"}
    body = encode(multiprocess.registry())
    if compressed:
        body = gzip.compress(body, compresslevel=1)
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers)
