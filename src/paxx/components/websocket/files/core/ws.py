"""WebSocket connections by client id: rooms, broadcasts, and several instances over Redis."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, WebSocket, status
from starlette.types import Message
from starlette.websockets import WebSocketState

from core._ws import server
from core._ws.authentication import Authenticate, admit
from core._ws.connection import CLOSE_TIMEOUT, REPLACED, Connection, own
from core._ws.heartbeat import Heartbeat, protocol_interval
from core._ws.messages import encode
from core._ws.metrics import CONNECTIONS, SENT
from core._ws.pubsub import ALL, CONTROL, Envelope, PubSub, room_channel
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
        self._pubsub = PubSub(self._rooms.keys, self._deliver)
        self._loop: asyncio.AbstractEventLoop | None = None

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

        An earlier connection of the client is closed with 4409; the client stays in the rooms
        that connection was in. Raises WebSocketException when the origin is not allowed or
        `authenticate` returns False; Starlette answers 403.
        """
        await admit(websocket, authenticate)
        server.pace(websocket.scope, protocol_interval(), CLOSE_TIMEOUT)
        if websocket.application_state is WebSocketState.CONNECTING:
            await websocket.accept()
        self._start_over_in_a_new_loop()
        connection = Connection(websocket, client_id, self._release)
        own.set(connection)
        replaced = self._connections.get(client_id)
        self._connections[client_id] = connection
        CONNECTIONS.inc()
        if replaced is not None:
            connection.rooms, replaced.rooms = replaced.rooms, set()
            replaced.close(REPLACED, "replaced by a newer connection")
        self._heartbeat.start()
        await self._pubsub.publish(CONTROL, client=client_id, at=connection.since)

    def disconnect(self, client_id: str, websocket: WebSocket | None = None) -> None:
        """Forget a client, its rooms included; close its connection with 1000 if it is open.

        In the handler of a connection that was replaced, or with its `websocket`, this leaves
        the newer connection alone. An unknown client changes nothing.
        """
        connection = self._connections.get(client_id)
        if connection is None:
            return
        mine = own.get()
        if websocket is not None:
            is_meant = connection.websocket is websocket
        else:
            is_meant = mine is None or mine.client_id != client_id or mine is connection
        if is_meant:
            connection.close(status.WS_1000_NORMAL_CLOSURE)

    async def send(self, client_id: str, data: Any) -> None:
        """Send to one client, on whichever instance it is; nobody tells whether it arrived."""
        text = encode(data)
        connection = self._connections.get(client_id)
        if connection is None:
            await self._pubsub.publish(CONTROL, text=text, client=client_id)
        else:
            await self._fan_out(text, [connection])

    async def broadcast(self, data: Any) -> None:
        """Send to every client of every instance: a str as it is, anything else as JSON.

        No client is waited for. Raises TypeError or ValueError for what JSON cannot carry.
        """
        text = encode(data)
        await self._fan_out(text, list(self._connections.values()))
        await self._pubsub.publish(ALL, text=text)

    async def broadcast_to_room(self, room: str, data: Any) -> None:
        """Send to the clients in a room, on every instance; otherwise as `broadcast`."""
        text = encode(data)
        await self._fan_out(text, self._members(room))
        await self._pubsub.publish(room_channel(room), text=text)

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

        Does not wait for a server that is away. Raises RuntimeError when redis is not installed,
        ValueError for a wrong URL.
        """
        self._start_over_in_a_new_loop()
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
        """Return when other instances can be heard, or there are none; else raise."""
        if settings.ws_redis_url and not self._pubsub.is_live:
            raise ConnectionError("no subscription to Redis")

    async def _fan_out(self, text: str, connections: Iterable[Connection]) -> None:
        if self._offer(text, connections) >= YIELD_AT:
            await asyncio.sleep(0)

    def _offer(self, text: str, connections: Iterable[Connection]) -> int:
        # One object for all: it is encoded once, however many clients there are.
        message: Message = {"type": "websocket.send", "text": text}
        longest = count = 0
        for connection in connections:
            longest = max(longest, connection.offer(message))
            count += 1
        SENT.inc(count)
        return longest

    def _members(self, room: str) -> list[Connection]:
        return [self._connections[client_id] for client_id in self._rooms.get(room, ())]

    def _deliver(self, envelope: Envelope) -> None:
        # From another instance.
        if envelope.channel == ALL:
            self._offer(envelope.text, list(self._connections.values()))
        elif envelope.channel == CONTROL:
            self._control(envelope)
        else:
            self._offer(envelope.text, self._members(envelope.room))

    def _control(self, envelope: Envelope) -> None:
        connection = self._connections.get(envelope.client)
        if connection is None:
            return
        if envelope.at is None:
            self._offer(envelope.text, [connection])
        elif envelope.at > connection.since:
            connection.close(REPLACED, "replaced by a newer connection")

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

    def _start_over_in_a_new_loop(self) -> None:
        # Test runners have a loop for each test; nothing of an earlier one can go on.
        loop = asyncio.get_running_loop()
        if self._loop is not None and self._loop is not loop:
            self._connections.clear()
            self._rooms.clear()
            self._heartbeat.stop()
            self._pubsub.abandon()
        self._loop = loop


manager = ConnectionManager()


async def ready() -> None:
    """Return when other instances can be heard, or there are none; else raise."""
    await manager.ready()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Connect to the other instances; at the end close every connection with 1012."""
    await manager.start_pubsub()
    try:
        yield
    finally:
        await manager.close()
        await manager.stop_pubsub()
