"""The application of the fan-out benchmark: one endpoint and one way to send for each contender.

`BENCHMARK_REDIS` says how several processes reach each other; empty for one process.
"""

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import anyio
from broadcaster import Broadcast
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

import core.ws
from core.ws import manager

REDIS = os.environ["BENCHMARK_REDIS"]
broadcast = Broadcast(REDIS or "memory://")
sockets: set[WebSocket] = set()


async def send_in_turn(text: str) -> None:
    """Send to one client after the other, as written by hand."""
    for socket in list(sockets):
        await socket.send_text(text)


async def publish_in_turn(text: str) -> None:
    """Send through Redis, where each process listens."""
    await client.publish("loop", text)


async def listen() -> None:
    """Send to the clients of this process what comes from Redis."""
    async with client.pubsub() as pubsub:
        await pubsub.subscribe("loop")
        async for message in pubsub.listen():
            if message["type"] == "message":
                await send_in_turn(message["data"].decode())


async def publish_by_broadcaster(text: str) -> None:
    """Send by broadcaster."""
    await broadcast.publish("everybody", text)


if REDIS:
    from redis.asyncio import Redis

    client = Redis.from_url(REDIS)

SENDERS: dict[str, Callable[[str], Awaitable[None]]] = {
    "paxx": manager.broadcast,
    "loop": publish_in_turn if REDIS else send_in_turn,
    "broadcaster": publish_by_broadcaster,
}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Run what the contenders need."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(core.ws.lifespan(app))
        await stack.enter_async_context(broadcast)
        tasks = await stack.enter_async_context(anyio.create_task_group())
        if REDIS:
            tasks.start_soon(listen)
        yield
        tasks.cancel_scope.cancel()


app = FastAPI(lifespan=lifespan)
app.add_middleware(core.ws.middleware)


@app.websocket("/paxx/{client_id}")
async def paxx(websocket: WebSocket, client_id: str) -> None:
    """Serve as the contract has it."""
    await manager.connect(websocket, client_id)
    with suppress(WebSocketDisconnect):
        while True:
            await websocket.receive_text()
    manager.disconnect(client_id)


@app.websocket("/loop/{_}")
async def loop(websocket: WebSocket) -> None:
    """Serve as written by hand."""
    await websocket.accept()
    sockets.add(websocket)
    with suppress(WebSocketDisconnect):
        while True:
            await websocket.receive_text()
    sockets.discard(websocket)


@app.websocket("/broadcaster/{_}")
async def broadcaster(websocket: WebSocket) -> None:
    """Serve as in the README of broadcaster."""
    await websocket.accept()
    with suppress(WebSocketDisconnect):
        async with broadcast.subscribe(channel="everybody") as subscriber:
            async for event in subscriber:
                await websocket.send_text(event.message)


@app.post("/send/{contender}")
async def send(contender: str, count: int, size: int, pause: float = 0.0) -> list[float]:
    """Send so many texts and return when each began."""
    text, times = "x" * size, []
    for _ in range(count):
        times.append(time.monotonic())
        await SENDERS[contender](text)
        if pause:
            await anyio.sleep(pause)
    return times


@app.post("/stall/{client_id}")
async def stall(client_id: str, size: int) -> None:
    """Fill the buffers of a client that does not read."""
    await manager.send(client_id, "x" * size)
