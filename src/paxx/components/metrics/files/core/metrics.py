"""Prometheus metrics of HTTP requests: a middleware that counts, `/metrics` that tells."""

import asyncio
import gzip
from time import perf_counter

from fastapi import APIRouter, Request, Response
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core._metrics import multiprocess
from core.route_template import UNMATCHED_PATH, path_template
from settings import settings

METRICS_PATH = "/metrics"
METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY"}
)
# Clients choose paths and methods: what no route knows shares one value.
OTHER_METHOD = "_OTHER"
MAX_SERIES = 10_000  # beyond that, new combinations of labels count as unmatched
CLIENT_CLOSED = 499  # nginx's number for a client that left before the answer
BODY = frozenset({"http.response.body", "http.response.pathsend"})

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
        request = _Measurement(scope, send, self.series)
        ACTIVE_REQUESTS.inc()
        try:
            await self.app(scope, receive, request.send)
        except (asyncio.CancelledError, ClientDisconnect):
            request.status = CLIENT_CLOSED
            raise
        except BaseException:
            request.status = 500
            raise
        finally:
            request.finish()


class _Measurement:
    __slots__ = ("finished", "forward", "root_path", "scope", "series", "start", "status")

    def __init__(
        self,
        scope: Scope,
        send: Send,
        series: dict[tuple[str, str, int], tuple[Counter, Histogram]],
    ) -> None:
        self.scope = scope
        self.forward = send
        self.series = series
        # Mounts append to it.
        self.root_path = scope.get("root_path", "")
        self.status = 500
        self.finished = False
        self.start = perf_counter()

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
        await self.forward(message)
        # Background tasks run after the last byte: they are not part of the request.
        if kind in BODY and not message.get("more_body", False):
            self.finish()

    def finish(self) -> None:
        if self.finished:
            return
        self.finished = True
        ACTIVE_REQUESTS.dec()
        count, latency = self._children()
        count.inc()
        latency.observe(perf_counter() - self.start)

    def _children(self) -> tuple[Counter, Histogram]:
        method = self.scope["method"]
        if method not in METHODS:
            method = OTHER_METHOD
        key = (method, path_template(self.scope, self.root_path), self.status)
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
    # In a thread: with many series this takes longer than a request should.
    return await asyncio.to_thread(
        _render,
        request.headers.get("accept", ""),
        "gzip" in request.headers.get("accept-encoding", ""),
    )


if settings.metrics_enabled:
    # Plain, because every request to a later route is compared with it.
    router.add_route(METRICS_PATH, expose, include_in_schema=False)


def _render(accept: str, compressed: bool) -> Response:
    encode, content_type = choose_encoder(accept)
    headers = {"Content-Type": content_type, "Vary": "Accept, Accept-Encoding"}
    body = encode(multiprocess.registry())
    if compressed:
        body = gzip.compress(body, compresslevel=1)
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers)
