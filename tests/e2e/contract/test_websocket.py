"""The contract's examples of WebSocket connections, unchanged, with real clients."""

from pathlib import Path

import pytest

import servers
from tests.e2e.real import App, RealShop

pytestmark = pytest.mark.xdist_group("all")

ENDPOINT = """
from fastapi import WebSocket, WebSocketDisconnect
from core.ws import manager

@app.websocket("/ws/{client_id}")
async def websocket_endpoint(websocket: WebSocket, client_id: str):
    await manager.connect(websocket, client_id)
    try:
        while True:
            data = await websocket.receive_text()
            await manager.broadcast(data)
    except WebSocketDisconnect:
        manager.disconnect(client_id)
"""

JOIN = """
# Join a room
await manager.join_room(client_id, "chat-room")
"""

SEND = """
# Send to room
await manager.broadcast_to_room("chat-room", {"message": "Hello!"})
"""

LEAVE = """
# Leave room
await manager.leave_room(client_id, "chat-room")
"""

LIFESPAN = """
@asynccontextmanager
async def lifespan(app: FastAPI):
    await manager.start_pubsub()
    yield
    await manager.stop_pubsub()
"""


def handler(name: str, example: str) -> str:
    body = "\n".join(f"    {line}" for line in example.strip().splitlines())
    return f'\n\n@app.get("/{name}/{{client_id}}")\nasync def {name}(client_id: str):\n{body}\n'


ROOMS = handler("join", JOIN) + handler("send", SEND) + handler("leave", LEAVE)
WIRED = "from main import create_app\n\napp = create_app()\n" + ENDPOINT + ROOMS
BY_HAND = (
    "from contextlib import asynccontextmanager\n\nfrom fastapi import FastAPI\n\n"
    "from core.ws import manager\n" + LIFESPAN + "\napp = FastAPI(lifespan=lifespan)\n"
    '\n@app.get("/health")\nasync def health():\n    return {}\n' + ENDPOINT + ROOMS
)

CLIENTS = """
import contextlib, json, sys, urllib.request
from websockets.sync.client import connect

first, second = sys.argv[1:]

def get(url, path):
    urllib.request.urlopen(url + path, timeout=60).read()

def address(url, name):
    return url.replace("http", "ws", 1) + "/ws/" + name

with connect(address(first, "ann")) as ann, connect(address(second, "bob")) as bob:
    ann.send("hello")
    assert [ann.recv(timeout=60), bob.recv(timeout=60)] == ["hello", "hello"]
    get(first, "/join/ann")
    get(second, "/join/bob")
    bob.send("joined")
    assert [ann.recv(timeout=60), bob.recv(timeout=60)] == ["joined", "joined"]
    get(first, "/send/ann")
    assert [json.loads(each.recv(timeout=60)) for each in (ann, bob)] == [{"message": "Hello!"}] * 2
    get(second, "/leave/bob")
    get(first, "/send/ann")
    bob.send("last")
    assert json.loads(ann.recv(timeout=60)) == {"message": "Hello!"}
    assert [ann.recv(timeout=60), bob.recv(timeout=60)] == ["last", "last"]
print("ran")
"""


def talk(shop: RealShop, first: App, second: App) -> str:
    return shop.tool("python", "-c", CLIENTS, first.url, second.url)


@pytest.fixture
def environment(
    redis: servers.Redis, environment: dict[str, str], tmp_path: Path
) -> dict[str, str]:
    """Return the settings, with a database of Redis and modules of this test."""
    (tmp_path / "contract_wired.py").write_text(WIRED)
    (tmp_path / "contract_by_hand.py").write_text(BY_HAND)
    url = redis.url.replace("/0", "/12")
    return environment | {"WS_REDIS_URL": url, "PYTHONPATH": str(tmp_path)}


def test_one_instance_needs_no_redis(full_shop: RealShop, environment: dict[str, str]) -> None:
    alone = environment | {"WS_REDIS_URL": ""}
    with full_shop.serve(env=alone, app="contract_wired:app") as app:
        assert talk(full_shop, app, app).endswith("ran\n")


@pytest.mark.parametrize("module", ["contract_wired", "contract_by_hand"])
def test_two_instances_talk_whether_the_lifespan_is_wired_or_written_by_hand(
    full_shop: RealShop, environment: dict[str, str], module: str
) -> None:
    with (
        full_shop.serve(env=environment, app=f"{module}:app") as one,
        full_shop.serve(env=environment, app=f"{module}:app") as other,
    ):
        assert talk(full_shop, one, other).endswith("ran\n")
