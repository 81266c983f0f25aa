"""WebSocket connections by client id: rooms, broadcasts, and several instances over Redis."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, WebSocket, WebSocketException, status
from pydantic_core import to_jsonable_python
from starlette.types import Message
from starlette.websockets import WebSocketState

from core._ws import server
from core._ws.authentication import Authenticate, admit
from core._ws.connection import CLOSE_TIMEOUT, REPLACED, RESYNC, Connection, own
from core._ws.heartbeat import Heartbeat, protocol_interval
from core._ws.metrics import CONNECTIONS, SENT
from core._ws.pubsub import ALL, CONTROL, ROOM, Envelope, PubSub
from core._ws.server import middleware
from settings import settings

__all__ = ["ConnectionManager", "lifespan", "manager", "middleware", "ready"]

YIELD_AT = 64  # messages in one queue; then the writers get a turn: a burst is no stall


class ConnectionManager:
    """The connections of this process, and through Redis those of the other instances."""

    def __init__(self) -> None:
        self._connections: dict[str, Connection] = {}
        self._rooms: dict[str, set[str]] = {}
        self._heartbeat = Heartbeat(self._connections.values)
        self._pubsub = PubSub(self._rooms.keys, self._deliver, self._resync)

    @property
    def clients(self) -> list[str]:
        """The ids of the clients that are connected to this instance."""
        return list(self._connections)

    @property
    def rooms(self) -> dict[str, set[str]]:
        """The rooms that clients of this instance are in."""
        return {room: set(members) for room, members in self._rooms.items()}

    async def connect(
        self, websocket: WebSocket, client_id: str, *, authenticate: Authenticate | None = None
    ) -> None:
        """Accept a WebSocket, if that was not done yet, and remember it as this client.

        An earlier connection of the client is closed with 4409, and the client stays in its rooms.
        Outside development that requires `authenticate`; without it, the new connection is closed
        with 1008 instead. Raises WebSocketException when the origin is not allowed or
        `authenticate` returns False; Starlette answers 403.
        """
        own.set((client_id, None))
        await admit(websocket, authenticate)
        server.pace(websocket.scope, protocol_interval(), CLOSE_TIMEOUT)
        if websocket.application_state is WebSocketState.CONNECTING:
            await websocket.accept()
        replaced = self._connections.get(client_id)
        may_replace = authenticate is not None or settings.environment == "development"
        if replaced is not None and not may_replace:
            raise WebSocketException(status.WS_1008_POLICY_VIOLATION, "already connected")
        connection = Connection(websocket, client_id, self._release)
        own.set((client_id, connection))
        self._connections[client_id] = connection
        CONNECTIONS.inc()
        if replaced is not None:
            connection.rooms, replaced.rooms = replaced.rooms, set()
            replaced.close(REPLACED, "replaced by a newer connection")
        self._heartbeat.start()
        if may_replace:
            await self._pubsub.publish(CONTROL, client=client_id, connection=connection.id)
        else:
            connection.announced_at = connection.loop.time()  # whoever is announced replaces it

    def disconnect(self, client_id: str) -> None:
        """Forget a client, its rooms included; close its connection with 1000 if it is open.

        In the handler of a connection that was replaced or refused, this leaves the client's
        other connection alone. An unknown client changes nothing.
        """
        connection = self._connections.get(client_id)
        served, mine = own.get()
        if connection is not None and (served != client_id or mine is connection):
            connection.close(status.WS_1000_NORMAL_CLOSURE)

    async def send(self, client_id: str, data: Any) -> None:
        """Send to one client, on whichever instance it is; nobody tells whether it arrived."""
        text = _encode(data)
        connection = self._connections.get(client_id)
        if connection is None:
            await self._pubsub.publish(CONTROL, text=text, client=client_id)
        else:
            await self._fan_out(text, [connection])

    async def broadcast(self, data: Any) -> None:
        """Send to every client of every instance: a str as it is, anything else as JSON.

        No client is waited for. Raises TypeError or ValueError for what JSON cannot carry.
        """
        text = _encode(data)
        await self._fan_out(text, list(self._connections.values()))
        await self._pubsub.publish(ALL, text=text)

    async def broadcast_to_room(self, room: str, data: Any) -> None:
        """Send to the clients in a room, on every instance; otherwise as `broadcast`."""
        text = _encode(data)
        await self._fan_out(text, self._members(room))
        await self._pubsub.publish(ROOM + room, text=text)

    async def join_room(self, client_id: str, room: str) -> bool:
        """Put a client into a room; False when it is not connected to this instance.

        From then on it gets what is sent to the room on any instance.
        """
        connection = self._connections.get(client_id)
        if connection is None:
            return False
        connection.rooms.add(room)
        members = self._rooms.setdefault(room, set())
        members.add(client_id)
        await self._pubsub.watch(room)
        return True

    async def leave_room(self, client_id: str, room: str) -> None:
        """Take a client out of a room; the last one frees it."""
        connection = self._connections.get(client_id)
        if connection is not None and room in connection.rooms:
            connection.rooms.remove(room)
            self._forget_member(client_id, room)

    async def start_pubsub(self) -> None:
        """Connect to the other instances when WS_REDIS_URL is set; a second call changes nothing.

        Does not wait for an unreachable server. Raises RuntimeError when redis is not installed,
        ValueError for a wrong URL.
        """
        await self._pubsub.start()

    async def stop_pubsub(self) -> None:
        """Leave the other instances; a second call changes nothing."""
        await self._pubsub.stop()

    async def close(self) -> None:
        """Close every connection with 1012 and wait until that is done or took too long."""
        connections = list(self._connections.values())
        for connection in connections:
            connection.close(status.WS_1012_SERVICE_RESTART, "service restart")
        if connections:
            await asyncio.wait([each.writer for each in connections], timeout=CLOSE_TIMEOUT)
        self._heartbeat.stop()

    async def ready(self) -> None:
        """Raise ConnectionError unless other instances can be heard, or there are none."""
        if settings.ws_redis_url and not self._pubsub.is_live:
            raise ConnectionError("no subscription to Redis")

    async def _fan_out(self, text: str, connections: Iterable[Connection]) -> None:
        if self._offer(text, connections) >= YIELD_AT:
            await asyncio.sleep(0)

    def _offer(self, text: str, connections: Iterable[Connection]) -> int:
        # One object for all: it is encoded once, however many clients there are.
        message: Message = {"type": "websocket.send", "text": text}
        waiting = [connection.offer(message) for connection in connections]
        SENT.inc(len(waiting))
        return max(waiting, default=0)

    def _members(self, room: str) -> list[Connection]:
        return [self._connections[client_id] for client_id in self._rooms.get(room, ())]

    def _deliver(self, channel: str, envelope: Envelope) -> None:
        if channel == ALL:
            self._offer(envelope.text, list(self._connections.values()))
        elif channel != CONTROL:
            self._offer(envelope.text, self._members(channel.removeprefix(ROOM)))
        elif connection := self._connections.get(envelope.client):
            self._control(connection, envelope)

    def _control(self, connection: Connection, envelope: Envelope) -> None:
        if not envelope.connection:
            self._offer(envelope.text, [connection])
        elif envelope.connection == connection.id:
            connection.announced_at = connection.loop.time()
        elif connection.loop.time() >= connection.announced_at:
            # Redis delivers announcements in one order: this one came after our own.
            connection.close(REPLACED, "replaced by a newer connection")

    def _resync(self) -> None:
        self._offer(RESYNC, list(self._connections.values()))

    def _release(self, connection: Connection) -> None:
        CONNECTIONS.dec()
        if self._connections.get(connection.client_id) is connection:
            del self._connections[connection.client_id]
            for room in connection.rooms:
                self._forget_member(connection.client_id, room)
            connection.rooms.clear()

    def _forget_member(self, client_id: str, room: str) -> None:
        members = self._rooms[room]
        members.discard(client_id)
        if not members:
            del self._rooms[room]
            self._pubsub.unwatch(room)


def _encode(data: Any) -> str:
    if isinstance(data, str):
        return data
    return json.dumps(
        data, default=_jsonable, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )


def _jsonable(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        raise TypeError("bytes have no form in JSON; encode them as text")
    return to_jsonable_python(value)


manager = ConnectionManager()
ready = manager.ready


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Connect to the other instances; at the end close every connection with 1012."""
    await manager.start_pubsub()
    try:
        yield
    finally:
        await manager.close()
        await manager.stop_pubsub()
