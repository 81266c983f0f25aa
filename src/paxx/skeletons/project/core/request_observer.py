"""Follow a request until the last byte of its response, for logs, metrics and traces."""

import asyncio
import time

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import CLIENT_CLOSED
from core.route_template import path_template

BODY_MESSAGES = frozenset({"http.response.body", "http.response.pathsend"})


class RequestObserver:
    """Follows one request; a subclass says what to do at the end of its response.

    An exception counts as 500, a client that left as 499. Background tasks run after the end.
    """

    __slots__ = ("_forward", "_root_path", "is_finished", "scope", "start", "status")

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.status = 500
        self.start = time.perf_counter()
        self.is_finished = False
        self._forward = send
        self._root_path = scope.get("root_path", "")  # mounts append to it

    @property
    def route(self) -> str:
        """The template of the route that answered."""
        return path_template(self.scope, self._root_path)

    def on_end(self, error: BaseException | None) -> None:
        """Called once, with the exception that nothing has handled."""
        raise NotImplementedError

    async def run(self, app: ASGIApp, receive: Receive) -> None:
        """Let the application answer."""
        try:
            await app(self.scope, receive, self._send)
        except BaseException as error:
            left = isinstance(error, (asyncio.CancelledError, ClientDisconnect))
            self.status = CLIENT_CLOSED if left else 500
            self._finish(error)
            raise
        self._finish(None)

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
        await self._forward(message)
        if kind in BODY_MESSAGES and not message.get("more_body", False):
            self._finish(None)

    def _finish(self, error: BaseException | None) -> None:
        if not self.is_finished:
            self.is_finished = True
            self.on_end(error)
