"""The application of the project with sockets, the contract's among them; run by the checks."""

import asyncio
import gc
import os
import resource
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from core import ws
from core._ws import connection, heartbeat, publisher, pubsub, subscriber
from core._ws.server import SERVER
from core.ws import manager
from main import create_app

# How long a busy machine takes is not what most checks are about. A check that is about a timeout
# sets it by an environment variable of the same name.
GENEROUS = {
    "CONNECT_TIMEOUT",
    "HANDSHAKE_TIMEOUT",
    "PUBLISH_TIMEOUT",
    "SUBSCRIBE_TIMEOUT",
    "SILENCE_LIMIT",
}
for module in (ws, connection, heartbeat, publisher, pubsub, subscriber):
    for name in vars(module).keys() & (GENEROUS | {"SEND_TIMEOUT", "CLOSE_TIMEOUT"}):
        seconds = 60.0 if name in GENEROUS else getattr(module, name)
        setattr(module, name, float(os.environ.get(name, seconds)))

clock = time.time
time.time = lambda: clock() + float(os.environ.get("CLOCK_OFFSET", "0"))

app: FastAPI = create_app()


@app.websocket("/ws/{client_id}")
async def websocket_endpoint(websocket: WebSocket, client_id: str) -> None:
    await manager.connect(websocket, client_id)
    try:
        while True:
            data = await websocket.receive_text()
            await manager.broadcast(data)
    except WebSocketDisconnect:
        manager.disconnect(client_id)


@app.websocket("/rooms/{client_id}")
async def rooms_endpoint(websocket: WebSocket, client_id: str) -> None:
    """Join, leave and send as the client says in JSON; a wrong message ends the handler."""
    await manager.connect(websocket, client_id)
    with suppress(WebSocketDisconnect):
        while True:
            await obey(client_id, await websocket.receive_json())


async def obey(client_id: str, order: dict[str, Any]) -> None:
    room = order.get("room", "")
    if order["do"] == "join":
        await manager.join_room(client_id, room)
    elif order["do"] == "leave":
        await manager.leave_room(client_id, room)
    else:
        await manager.broadcast_to_room(room, order["data"])
    await manager.send(client_id, {"done": order["do"]})


async def with_token(websocket: WebSocket) -> bool:
    return websocket.query_params.get("token") == "tea"


@app.websocket("/private/{client_id}")
async def private_endpoint(websocket: WebSocket, client_id: str) -> None:
    await manager.connect(websocket, client_id, authenticate=with_token)
    with suppress(WebSocketDisconnect):
        await websocket.receive_text()


@app.websocket("/attributes")
async def attributes_endpoint(websocket: WebSocket) -> None:
    """Send which attributes there are of those that the component uses without a public way."""
    await websocket.accept()
    names = ("ping_interval", "ping_timeout", "close_timeout", "transport")
    found = {f"uvicorn: {name}": hasattr(websocket.scope[SERVER], name) for name in names}
    found |= {f"starlette: {name}": hasattr(websocket, name) for name in ("_receive", "_send")}
    await websocket.send_json(found)


@app.post("/broadcast")
async def broadcast(count: int = 1, size: int = 1, pause: float = 0.0) -> int:
    for number in range(count):
        await manager.broadcast({"number": number, "text": "x" * size})
        if pause:
            await asyncio.sleep(pause)
    return count


@app.post("/rooms/{room}/broadcast")
async def broadcast_to_room(room: str, count: int = 1) -> int:
    for number in range(count):
        await manager.broadcast_to_room(room, {"number": number})
    return count


@app.post("/clients/{client_id}")
async def send(client_id: str, text: str) -> None:
    await manager.send(client_id, text)


@app.post("/fill/{client_id}")
async def fill(client_id: str) -> None:
    """Send more to one client than kernels buffer."""
    await manager.send(client_id, "x" * 6 * 1024 * 1024)


@app.post("/kick/{client_id}")
async def kick(client_id: str) -> None:
    manager.disconnect(client_id)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@app.get("/state")
async def state() -> dict[str, Any]:
    gc.collect()
    tasks = [str(task.get_coro()) for task in asyncio.all_tasks()]
    return {
        "clients": len(manager.clients),
        "rooms": len(manager.rooms),
        "tasks": len([task for task in tasks if "Connection." in task or "endpoint" in task]),
        "files": open_files(),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "live": manager._pubsub.is_live,
    }
