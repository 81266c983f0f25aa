"""One connection: a bounded queue, the task that empties it, and all ways in which it ends."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from typing import cast
from uuid import uuid4

from fastapi import WebSocket, status
from starlette.types import Message

from core._ws import server
from core._ws.authentication import Pace
from core._ws.metrics import DROPPED
from settings import settings

QUEUE_MESSAGES = 10_000
QUEUE_CHARACTERS = 8 * 1024 * 1024
SEND_TIMEOUT = 5.0  # seconds for one message
CLOSE_TIMEOUT = 2.0  # seconds for what is queued and the closing handshake

REPLACED = 4409  # private range of the protocol; after HTTP's 409 Conflict
PING = '{"type":"ping"}'
PONG = {"type": "pong"}
RESYNC = '{"type":"resync"}'

ECHO_TIMEOUT = 5.0  # seconds; an announcement that takes longer was lost

Own = tuple[str | None, "Connection | None"]
# The client id of the running handler, and its connection once there is one. Tasks that a handler
# starts inherit it.
own: ContextVar[Own] = ContextVar("own", default=(None, None))


class Connection:
    """A client that is connected; made by `ConnectionManager.connect` after `accept`.

    The handler reads and writes through it as well, so that it learns when the client was last
    heard and when it left, and the handler that a connection is closed: as WebSocketDisconnect.
    """

    def __init__(
        self, websocket: WebSocket, client_id: str, release: Callable[["Connection"], None]
    ) -> None:
        self.websocket = websocket
        self.client_id = client_id
        self.rooms: set[str] = set()
        self.is_closing = False
        self.answers_pings = False
        self.id = uuid4().hex
        self.loop = asyncio.get_running_loop()
        # Or earlier, when this instance hears its own announcement: see `ConnectionManager`.
        self.announced_at = self.loop.time() + ECHO_TIMEOUT
        self.last_heard = self.last_ping = self.loop.time()
        self.sending_since: float | None = None
        self._release = release
        self._queue: deque[Message] = deque()
        self._characters = 0
        self._wake = asyncio.Event()
        self._pace = Pace()
        # Below Starlette's own state, which must not see a close of ours before the handler does.
        self._receive_from_server, self._send_to_server = websocket._receive, websocket._send
        websocket._receive, websocket._send = self._receive, self._send
        self.writer = asyncio.create_task(self._write())
        server.at_end(websocket.scope, self.finish)

    def offer(self, message: Message) -> int:
        """Queue a `websocket.send` and return how many wait; never waits for the client.

        A full queue closes the connection with 1013. One that is closing takes nothing.
        """
        if self.is_closing:
            DROPPED.inc()
            return 0
        waiting = len(self._queue)
        if waiting >= QUEUE_MESSAGES or (waiting and self._characters > QUEUE_CHARACTERS):
            DROPPED.inc()
            self.close(status.WS_1013_TRY_AGAIN_LATER, "too slow")
            return 0
        self._queue.append(message)
        self._characters += len(message["text"])
        self._wake.set()
        return waiting + 1

    def close(self, code: int, reason: str = "") -> None:
        """Take the connection out of the manager at once and close it behind what is queued.

        With 1013 the queue is lost. A client that does not read until CLOSE_TIMEOUT is cut off.
        """
        if self.is_closing:
            return
        self._leave()
        if code == status.WS_1013_TRY_AGAIN_LATER:
            DROPPED.inc(len(self._queue))
            self._queue.clear()
        self._queue.append({"type": "websocket.close", "code": code, "reason": reason})
        self._wake.set()
        self.loop.call_later(CLOSE_TIMEOUT, self._cut)

    async def finish(self, code: int) -> None:
        """Close, unless that was done, and return when the peer was told or is cut off."""
        self.close(code)
        await asyncio.wait([self.writer], timeout=CLOSE_TIMEOUT)

    def _leave(self) -> None:
        self.is_closing = True
        self._release(self)

    def _ended(self) -> None:
        # The peer is gone, or the handler closed the socket by itself.
        if not self.is_closing:
            self._leave()
            DROPPED.inc(len(self._queue))
            self.writer.cancel()
            if server.has_unsent(self.websocket.scope):
                self.loop.call_later(CLOSE_TIMEOUT, self._cut)

    def _cut(self) -> None:
        self.writer.cancel()
        server.cut(self.websocket.scope)

    async def _write(self) -> None:
        queue, send, now = self._queue, self._send_to_server, self.loop.time
        try:
            while True:
                while queue:
                    message = queue.popleft()
                    self.sending_since = now()
                    await send(message)
                    if message["type"] == "websocket.close":
                        return
                    self._characters -= len(message["text"])
                self.sending_since = None
                self._wake.clear()
                await self._wake.wait()
        except Exception:  # servers differ in what they raise when the peer is gone
            self._ended()

    async def _send(self, message: Message) -> None:
        if self.is_closing:
            raise ConnectionResetError  # Starlette turns it into WebSocketDisconnect
        await self._send_to_server(message)
        if message["type"] == "websocket.close":
            self._ended()

    async def _receive(self) -> Message:
        while True:
            message = await self._receive_from_server()
            if message["type"] == "websocket.disconnect":
                own.set((self.client_id, self))
                self._ended()
                return message
            self.last_heard = self.loop.time()
            if _size(message) > settings.ws_max_message_bytes:
                self.close(status.WS_1009_MESSAGE_TOO_BIG, "message too big")
            elif _is_pong(message):
                self.answers_pings = True
            elif not self.is_closing:
                await asyncio.sleep(self._pace.delay())
                return message


def _size(message: Message) -> int:
    text = message.get("text")
    if text is None:
        return len(message.get("bytes") or b"")
    limit = settings.ws_max_message_bytes
    # A character takes up to four bytes; most messages need not be encoded to know.
    return len(text) if len(text) * 4 <= limit else len(text.encode())


def _is_pong(message: Message) -> bool:
    text = cast(str | None, message.get("text"))
    if text is None or len(text) > 64 or "pong" not in text:
        return False
    try:
        return bool(json.loads(text) == PONG)
    except ValueError:
        return False
