"""What ASGI leaves out: the pace of protocol pings, and cutting off a peer that reads nothing.

uvicorn closes a connection only after all its bytes were sent, so a peer that stopped reading
would keep it, and the server's own stop, waiting. Servers with other internals keep their ways.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette import status
from starlette.types import ASGIApp, Receive, Scope, Send

# Keys of the scope.
SERVER = "core.ws.server"
ENDS = "core.ws.ends"

End = Callable[[int], Awaitable[None]]
"""Gets the code to close with: 1000, or 1011 when the handler raised."""


def middleware(app: ASGIApp) -> ASGIApp:
    """Note in a scope which object of the server has the connection; tell when a handler ends."""

    def note(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "websocket":
            return app(scope, receive, send)
        return _serve(app, scope, receive, send)

    return note


async def _serve(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    ends: list[End] = []
    scope[SERVER], scope[ENDS] = getattr(send, "__self__", None), ends
    code = status.WS_1011_INTERNAL_ERROR
    try:
        await app(scope, receive, send)
        code = status.WS_1000_NORMAL_CLOSURE
    finally:
        for end in ends:
            await end(code)


def at_end(scope: Scope, end: End) -> None:
    """Call this when the handler of the WebSocket has ended, in whichever way."""
    scope.get(ENDS, []).append(end)


def pace(scope: Scope, ping_interval: float, close_timeout: float) -> None:
    """Let the server ping every so many seconds and wait as long, and bound its closing.

    Call it before `accept`. An interval of 0 leaves the server's own options.
    """
    server: Any = scope.get(SERVER)
    if ping_interval > 0 and hasattr(server, "ping_interval") and hasattr(server, "ping_timeout"):
        server.ping_interval = server.ping_timeout = ping_interval
    if hasattr(server, "close_timeout"):
        server.close_timeout = close_timeout


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
