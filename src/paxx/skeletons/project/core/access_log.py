"""One log line for each request: method, path, status, duration, route and client."""

import asyncio
import contextlib
import contextvars
import logging
import time
from collections.abc import AsyncIterator

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from core.request_observer import RequestObserver

logger = logging.getLogger(__name__)

QUIET_ROUTES = frozenset({"/health"})  # probed every few seconds
WRITE_INTERVAL = 0.1  # seconds until a line is written; a process that is killed loses it
MAX_WAITING = 64  # lines, which take about a millisecond


@contextlib.asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Write the lines that wait when the application stops."""
    yield
    write()


class AccessLog:
    """Log each request when its last byte is sent; query strings, which may be secret, are not.

    Lines are built and written many at a time: one at a time they would take twice as long.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not logger.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        await _Request(scope, send).run(self._app, receive)


class _Request(RequestObserver):
    __slots__ = ("context", "seconds", "time")

    context: contextvars.Context
    seconds: float
    time: float

    def on_end(self, _: BaseException | None) -> None:
        self.seconds = time.perf_counter() - self.start
        self.time = time.time()
        # The line gets what other lines of the request have, such as the id of its trace.
        self.context = contextvars.copy_context()
        _waiting.append(self)
        _schedule_write()

    def log(self) -> None:
        route = self.route
        if route in QUIET_ROUTES:
            return
        # Percent-encoded, as the client sent it; not every server passes it on.
        raw_path: bytes | None = self.scope.get("raw_path")
        path = self.scope["path"] if raw_path is None else raw_path.decode("latin-1")
        client = self.scope.get("client")
        fields = {
            "status": self.status,
            "duration_ms": round(self.seconds * 1000, 1),
            "route": route,
            "client": client and client[0],
        }
        arguments = (self.scope["method"], path)
        record = logger.makeRecord(
            logger.name, logging.INFO, __file__, 0, "%s %s", arguments, None, extra=fields
        )
        record.created, record.msecs = self.time, self.time % 1 * 1000
        logger.handle(record)


_waiting: list[_Request] = []
_next_write = 0.0


def _schedule_write() -> None:
    global _next_write
    if len(_waiting) >= MAX_WAITING:
        write()
    # Not by a flag: a loop that ends takes its timers with it.
    elif (now := time.monotonic()) >= _next_write:
        _next_write = now + WRITE_INTERVAL
        asyncio.get_running_loop().call_later(WRITE_INTERVAL, write)


def write() -> None:
    """Write the lines that wait."""
    requests = _waiting.copy()
    _waiting.clear()
    for request in requests:
        request.context.run(request.log)
    for handler in logging.getLogger().handlers if requests else ():
        handler.flush()
