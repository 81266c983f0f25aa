"""Who may connect, and how much a client may send."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from fastapi import WebSocket, WebSocketException, status

from settings import settings

logger = logging.getLogger(__name__)

Authenticate = Callable[[WebSocket], Awaitable[bool]]
"""Tells whether the client may connect; it may read headers, cookies and the query."""

BURST_SECONDS = 10  # how long a client may save up what it did not send


async def admit(websocket: WebSocket, authenticate: Authenticate | None) -> None:
    """Return when the client may connect.

    Raises WebSocketException, which Starlette turns into 403 before `accept` and into a close
    with 1008 after it.
    """
    if not origin_is_allowed(websocket):
        logger.warning(
            "refused a WebSocket from origin %r: it is not in WS_ALLOWED_ORIGINS",
            websocket.headers["origin"],
        )
        raise WebSocketException(status.WS_1008_POLICY_VIOLATION, "origin not allowed")
    if authenticate is not None and not await authenticate(websocket):
        raise WebSocketException(status.WS_1008_POLICY_VIOLATION, "not authenticated")


def origin_is_allowed(websocket: WebSocket) -> bool:
    """Tell whether a page from this origin may connect with the cookies of its user.

    Only browsers send an origin. Without a list, the page must come from the host it asks.
    """
    origin = websocket.headers.get("origin")
    if origin is None:
        return True
    allowed = {each.strip().rstrip("/") for each in settings.ws_allowed_origins.split(",")} - {""}
    if allowed:
        return "*" in allowed or origin in allowed
    # The scheme is left out: a proxy that ends TLS talks plain HTTP to us. No parser takes it off:
    # it would raise where a client sends what is no address.
    return origin.partition("://")[2] == websocket.headers.get("host")


class Pace:
    """A token bucket: how long a client that sends too fast has to wait."""

    __slots__ = ("at", "tokens")

    def __init__(self) -> None:
        self.at = asyncio.get_running_loop().time()
        self.tokens = float(BURST_SECONDS * settings.ws_messages_per_second)

    def delay(self) -> float:
        """Take one message from the bucket and return how many seconds it comes too early."""
        rate = settings.ws_messages_per_second
        if rate <= 0:
            return 0.0
        now = asyncio.get_running_loop().time()
        self.tokens = min(self.tokens + (now - self.at) * rate, BURST_SECONDS * rate) - 1
        self.at = now
        return max(0.0, -self.tokens / rate)
