"""WebSockets over ASGI, and two managers over Redis where it is running."""

import asyncio
import importlib.util
import json
from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from httpx2 import AsyncClient
from starlette.types import Message

import core._ws.connection
import core._ws.pubsub
import core._ws.subscriber
from core.ws import ConnectionManager, manager
from settings import settings

# Which of these settings there are differs from project to project.
URLS = [getattr(settings, f"{name}redis_url", "") for name in ("ws_", "", "arq_")]


@pytest.fixture(autouse=True)
def one_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as one instance, whatever the environment says; tests of several say so."""
    monkeypatch.setattr(settings, "ws_redis_url", "")


class Client:
    """A client of an endpoint, as the server would show it to the application."""

    def __init__(self, app: FastAPI, path: str, headers: dict[str, str] | None = None) -> None:
        self.received: asyncio.Queue[Message] = asyncio.Queue()
        self.sent: asyncio.Queue[Message] = asyncio.Queue()
        self.reads = asyncio.Event()
        self.reads.set()
        self.sent.put_nowait({"type": "websocket.connect"})
        fields = {"host": "test"} | (headers or {})
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "scheme": "ws",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in fields.items()],
            "subprotocols": [],
            "state": {},
        }
        self.task = asyncio.create_task(app(scope, self.sent.get, self._receive))

    async def _receive(self, message: Message) -> None:
        await self.reads.wait()
        self.received.put_nowait(message)
        if message["type"] == "websocket.close":
            self.sent.put_nowait({"type": "websocket.disconnect", "code": message["code"]})

    async def next(self) -> Message:
        """Return what the application does next."""
        return await asyncio.wait_for(self.received.get(), 5)

    async def text(self) -> str:
        message = await self.next()
        assert message["type"] == "websocket.send", message
        return str(message["text"])

    def send(self, text: str) -> None:
        self.sent.put_nowait({"type": "websocket.receive", "text": text})

    async def leave(self) -> None:
        self.sent.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(self.task, 5)


Connect = Callable[..., Any]
"""Connects a client by its id."""


@pytest.fixture
async def connect(app: FastAPI) -> AsyncIterator[Connect]:
    """Return a function that connects clients to an endpoint that broadcasts what it gets."""

    @app.websocket("/ws/{client_id}")
    async def endpoint(websocket: WebSocket, client_id: str) -> None:
        await manager.connect(websocket, client_id)
        try:
            while True:
                data = await websocket.receive_text()
                await manager.broadcast(data)
        except WebSocketDisconnect:
            manager.disconnect(client_id)

    opened: list[Client] = []

    async def connected(client_id: str) -> Client:
        client = Client(app, f"/ws/{client_id}")
        opened.append(client)
        assert (await client.next())["type"] == "websocket.accept"
        await asyncio.sleep(0)
        return client

    yield connected
    for client in opened:
        if not client.task.done():
            client.reads.set()
            await client.leave()
    assert manager.clients == []
    assert manager.rooms == {}


async def test_broadcast_reaches_all_clients(connect: Connect) -> None:
    a, b = await connect("a"), await connect("b")
    a.send("hello")
    assert [await a.text(), await b.text()] == ["hello", "hello"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"message": "grün"}, '{"message":"grün"}'),
        ([1, None, date(2026, 1, 2)], '[1,null,"2026-01-02"]'),
    ],
)
async def test_broadcast_encodes_data_as_json(connect: Connect, data: Any, text: str) -> None:
    a = await connect("a")
    await manager.broadcast(data)
    assert await a.text() == text


@pytest.mark.parametrize(("data", "error"), [(b"bytes", TypeError), (float("nan"), ValueError)])
async def test_broadcast_rejects_what_is_not_json(data: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        await manager.broadcast(data)


async def test_broadcast_to_room_reaches_only_its_members(connect: Connect) -> None:
    a, b = await connect("a"), await connect("b")
    assert await manager.join_room("a", "tea")
    await manager.broadcast_to_room("tea", {"message": "Hello!"})
    await manager.send("b", "for b")
    assert [await a.text(), await b.text()] == ['{"message":"Hello!"}', "for b"]
    await manager.leave_room("a", "tea")
    await manager.broadcast_to_room("tea", "nobody hears")
    await manager.broadcast("all")
    assert await a.text() == "all"
    assert not await manager.join_room("nobody", "tea")
    assert manager.rooms == {}


async def test_a_client_that_disconnects_leaves_its_rooms(connect: Connect) -> None:
    a = await connect("a")
    await manager.join_room("a", "tea")
    await a.leave()
    assert (manager.clients, manager.rooms) == ([], {})


async def test_a_newer_connection_replaces_the_older_and_keeps_the_rooms(connect: Connect) -> None:
    old = await connect("a")
    await manager.join_room("a", "tea")
    new = await connect("a")
    assert (await old.next())["code"] == core._ws.connection.REPLACED
    await old.task
    assert manager.clients == ["a"]
    await manager.broadcast_to_room("tea", "still here")
    assert await new.text() == "still here"


async def test_a_handler_that_raises_closes_its_connection(app: FastAPI) -> None:
    @app.websocket("/bug")
    async def bug(websocket: WebSocket) -> None:
        await manager.connect(websocket, "a")
        await manager.join_room("a", "tea")
        await websocket.receive_json()

    client = Client(app, "/bug")
    client.send("{not json")
    with pytest.raises(json.JSONDecodeError):
        await client.task
    assert (await client.next())["type"] == "websocket.accept"
    assert (await client.next())["code"] == 1011
    assert (manager.clients, manager.rooms) == ([], {})


async def test_a_client_that_does_not_read_is_closed_without_delaying_others(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core._ws.connection, "QUEUE_MESSAGES", 5)
    slow, quick = await connect("slow"), await connect("quick")
    slow.reads.clear()
    for number in range(10):
        await manager.broadcast(str(number))
        assert await quick.text() == str(number)
    assert manager.clients == ["quick"]
    slow.reads.set()
    assert await slow.text() == "0"
    assert (await slow.next())["code"] == 1013


@pytest.mark.parametrize(
    ("allowed", "origin", "is_allowed"),
    [
        ("", "https://test", True),
        ("", "https://other", False),
        ("https://other", "https://other", True),
    ],
)
async def test_connect_rejects_other_origins(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, allowed: str, origin: str, is_allowed: bool
) -> None:
    monkeypatch.setattr(settings, "ws_allowed_origins", allowed)

    @app.websocket("/ws")
    async def endpoint(websocket: WebSocket) -> None:
        await manager.connect(websocket, "a")

    client = Client(app, "/ws", {"origin": origin})
    assert ((await client.next())["type"] == "websocket.accept") is is_allowed
    await client.task


async def test_connect_rejects_an_unauthenticated_client_before_accept(app: FastAPI) -> None:
    async def has_token(websocket: WebSocket) -> bool:
        return "authorization" in websocket.headers

    @app.websocket("/ws")
    async def endpoint(websocket: WebSocket) -> None:
        await manager.connect(websocket, "a", authenticate=has_token)

    client = Client(app, "/ws")
    assert (await client.next())["type"] == "websocket.close"
    await client.task
    assert manager.clients == []


async def test_outside_development_replacing_a_connection_requires_authentication(
    app: FastAPI, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    @app.websocket("/other/{client_id}")
    async def other(websocket: WebSocket, client_id: str) -> None:
        try:
            await manager.connect(websocket, client_id)
        finally:
            manager.disconnect(client_id)

    first = await connect("a")
    await manager.join_room("a", "tea")
    monkeypatch.setattr(settings, "environment", "production")
    second = Client(app, "/other/a")
    assert (await second.next())["type"] == "websocket.accept"
    assert (await second.next())["code"] == 1008
    await second.task
    await manager.broadcast_to_room("tea", "still here")
    assert await first.text() == "still here"


async def test_shutdown_closes_connections_with_1012(app: FastAPI, connect: Connect) -> None:
    a = await connect("a")
    await manager.broadcast("last")
    await manager.close()
    assert await a.text() == "last"
    assert (await a.next())["code"] == 1012
    await a.task


# A project that runs as one instance needs no redis-py.
if importlib.util.find_spec("redis"):

    @pytest.fixture
    async def others(
        require_server: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[ConnectionManager]:
        """Return a manager as another instance has it."""
        url = next(filter(None, URLS), "redis://localhost:6379/0")
        require_server(url)
        monkeypatch.setattr(settings, "ws_redis_url", url)
        # A busy machine takes longer than a start waits.
        monkeypatch.setattr(core._ws.pubsub, "START_TIMEOUT", 30.0)
        monkeypatch.setattr(core._ws.pubsub, "CONNECT_TIMEOUT", 30.0)
        monkeypatch.setattr(core._ws.subscriber, "HANDSHAKE_TIMEOUT", 30.0)
        other = ConnectionManager()
        await other.start_pubsub()
        await manager.start_pubsub()
        yield other
        await other.stop_pubsub()
        await manager.stop_pubsub()

    async def test_without_redis_local_clients_get_messages(
        connect: Connect, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "ws_redis_url", "redis://:secret@localhost:1/0")
        await manager.start_pubsub()
        a = await connect("a")
        await manager.join_room("a", "tea")
        await manager.broadcast_to_room("tea", "hello")
        assert await a.text() == "hello"
        answer = await client.get("/ready")
        assert answer.json()["checks"]["websocket"] == "ConnectionError"
        assert "secret" not in answer.text
        await manager.stop_pubsub()

    async def test_two_instances_exchange_each_message_once(
        connect: Connect, others: ConnectionManager
    ) -> None:
        a = await connect("a")
        await manager.join_room("a", "tea")
        await others.broadcast("1")
        await others.broadcast_to_room("tea", "2")
        await others.broadcast_to_room("coffee", "nobody hears")
        await others.send("a", "3")
        await manager.broadcast("4")
        got = [await a.text() for _ in range(4)]
        got.remove("4")
        assert got == ["1", "2", "3"]
