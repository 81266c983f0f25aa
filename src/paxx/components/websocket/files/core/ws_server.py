"""What ASGI leaves out: the pace of protocol pings, and cutting off a peer that reads nothing.

uvicorn closes a connection only after all its bytes were sent, so a peer that stopped reading
would keep it, and the server's own stop, waiting. Servers with other internals keep their ways.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

# Keys of the scope.
SERVER = "core.ws.server"
AT_END = "core.ws.at_end"


def middleware(app: ASGIApp) -> ASGIApp:
    """Note in the scope of a WebSocket whose connection it is, and tell when its handler ends."""

    def note(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "websocket":
            return app(scope, receive, send)
        return _serve(app, scope, receive, send)

    return note


async def _serve(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    scope[SERVER] = getattr(send, "__self__", None)
    callbacks: list[Callable[[], None]] = []
    scope[AT_END] = callbacks
    try:
        await app(scope, receive, send)
    finally:
        for callback in callbacks:
            callback()


def at_end(scope: Scope, callback: Callable[[], None]) -> None:
    """Call back when the handler of this WebSocket has ended, in whichever way."""
    scope.get(AT_END, []).append(callback)


def pace_pings(scope: Scope, interval: float) -> None:
    """Let the server ping every `interval` seconds and wait as long; call it before `accept`."""
    server: Any = scope.get(SERVER)
    if hasattr(server, "ping_interval") and hasattr(server, "ping_timeout"):
        server.ping_interval = server.ping_timeout = interval


def cut(scope: Scope) -> None:
    """End the connection now, whatever was not sent yet; harmless when it has ended."""
    transport = _transport(scope)
    if transport is not None:
        transport.abort()


def has_unsent(scope: Scope) -> bool:
    """Tell whether bytes wait for the peer to read."""
    transport = _transport(scope)
    return transport is not None and transport.get_write_buffer_size() > 0


def _transport(scope: Scope) -> Any:
    return getattr(scope.get(SERVER), "transport", None)
