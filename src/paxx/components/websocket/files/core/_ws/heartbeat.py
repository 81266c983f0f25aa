"""Watch over connections: ask the silent whether they live, close the slow, drop the dead.

A client that answered one ping has to answer from then on. Others are held to the protocol's own
pings, which every client answers by itself; the server sends them at the same pace.
"""

import asyncio
import random
from collections.abc import Callable, Collection

from fastapi import status

from core._ws.connection import PING, SEND_TIMEOUT, Connection
from settings import settings

# Shares of the interval. A ping goes out before the interval is over and its answer is due before
# the second one is; the range keeps clients that came together from being asked together.
PING_AFTER = (0.7, 0.8)
DEAD_AFTER = 1.8
LONGEST_TICK = 1.0  # seconds
LATE = 0.5  # seconds; what clients sent in the meantime may not have been read yet

GONE = 4408  # private range of the protocol; after HTTP's 408 Request Timeout


class Heartbeat:
    """A timer that runs while there are connections."""

    def __init__(self, connections: Callable[[], Collection[Connection]]) -> None:
        self._connections = connections
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def start(self) -> None:
        """Watch from now on; a second call changes nothing."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._due = loop.time() + _tick()
            self._timer = loop.call_at(self._due, self._look)

    def stop(self) -> None:
        """Stop watching."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        if now - self._due < LATE:
            for connection in list(self._connections()):
                _check(connection, now)
        if self._connections():
            self.start()


def protocol_interval() -> float:
    """Return how often the server pings; a peer is dead after twice as long."""
    return settings.ws_heartbeat_interval * DEAD_AFTER / 2


def _tick() -> float:
    interval = settings.ws_heartbeat_interval
    return min(interval / 20, LONGEST_TICK) if interval > 0 else LONGEST_TICK


def _check(connection: Connection, now: float) -> None:
    sending_since = connection.sending_since
    if sending_since is not None and now - sending_since > SEND_TIMEOUT:
        connection.close(status.WS_1013_TRY_AGAIN_LATER, "too slow")
        return
    interval = settings.ws_heartbeat_interval
    if interval <= 0:
        return
    silence = now - connection.last_heard
    if connection.answers_pings and silence > interval * DEAD_AFTER:
        connection.close(GONE, "no answer")
    elif min(silence, now - connection.last_ping) > interval * random.uniform(*PING_AFTER):  # noqa: S311
        connection.last_ping = now
        connection.offer({"type": "websocket.send", "text": PING})
