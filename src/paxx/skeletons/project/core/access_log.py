"""One log line for each request: method, path, status, duration, route and client."""

import asyncio
import contextlib
import contextvars
import logging
import time
from collections.abc import AsyncIterator

from fastapi import FastAPI
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import CLIENT_CLOSED

logger = logging.getLogger(__name__)

QUIET_PATHS = frozenset({"/health"})  # probed every few seconds
LAST_MESSAGES = frozenset({"http.response.body", "http.response.pathsend"})
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
        request = _Request(scope, send)
        try:
            await self._app(scope, receive, request.send)
        except (asyncio.CancelledError, ClientDisconnect):
            request.status = CLIENT_CLOSED
            raise
        except BaseException:
            request.status = 500
            raise
        finally:
            request.finish()


class _Request:
    __slots__ = ("context", "end", "forward", "scope", "seconds", "start", "status")

    context: contextvars.Context

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.forward = send
        self.status = 500
        self.start = time.perf_counter()
        self.seconds = 0.0
        self.end = 0.0

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
        await self.forward(message)
        if kind in LAST_MESSAGES and not message.get("more_body", False):
            self.finish()

    def finish(self) -> None:
        if self.end:
            return
        self.end = time.time()
        self.seconds = time.perf_counter() - self.start
        # The line gets what other lines of the request have, such as the id of its trace.
        self.context = contextvars.copy_context()
        _waiting.append(self)
        _schedule_write()

    def log(self) -> None:
        if self.scope["path"] in QUIET_PATHS:
            return
        # Percent-encoded, as the client sent it; not every server passes it on.
        raw_path: bytes | None = self.scope.get("raw_path")
        path = self.scope["path"] if raw_path is None else raw_path.decode("latin-1")
        client = self.scope.get("client")
        fields = {
            "status": self.status,
            "duration_ms": round(self.seconds * 1000, 1),
            "route": _route(self.scope),
            "client": client and client[0],
        }
        arguments = (self.scope["method"], path)
        record = logger.makeRecord(
            logger.name, logging.INFO, __file__, 0, "%s %s", arguments, None, extra=fields
        )
        record.created, record.msecs = self.end, self.end % 1 * 1000
        logger.handle(record)


def _route(scope: Scope) -> str | None:
    """Return the template of the route, in a mounted application without the prefix of that."""
    # Since 0.137 an included route does not know the prefix it was included with.
    context = scope.get("fastapi", {}).get("effective_route_context")
    return getattr(context or scope.get("route"), "path", None)


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
