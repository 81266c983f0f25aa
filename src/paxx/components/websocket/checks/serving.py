"""The application under uvicorn as a process of its own, and clients that behave or do not."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

import servers

PROJECT = Path.cwd()
PATIENCE = 180.0  # seconds; a busy machine takes many
SHOP = Path(__file__).with_name("shop_sockets.py")


@dataclass(frozen=True, slots=True)
class Shop:
    """A running application."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ws(self, path: str) -> str:
        return f"ws://127.0.0.1:{self.port}{path}"

    async def post(self, path: str, **query: Any) -> httpx2.Response:
        async with httpx2.AsyncClient(timeout=PATIENCE) as client:
            answer = await client.post(self.url + path, params=query)
        assert answer.status_code == 200, answer.text
        return answer

    async def get(self, path: str) -> httpx2.Response:
        async with httpx2.AsyncClient(timeout=PATIENCE) as client:
            return await client.get(self.url + path)

    async def state(self) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.get("/state")).json()
        return answer

    async def until(self, seconds: float = PATIENCE, **expected: Any) -> dict[str, Any]:
        """Ask for the state until these parts of it are as expected."""
        state: dict[str, Any] = {}

        async def reached() -> bool:
            nonlocal state
            state = await self.state()
            return state | expected == state

        await eventually(reached, seconds, lambda: f"{expected} not reached: {state}")
        return state

    def text(self) -> str:
        return self.log.read_text()

    def lines(self, word: str) -> list[str]:
        return [line for line in self.text().splitlines() if word in line]

    def assert_no_errors(self) -> None:
        assert "Traceback" not in self.text(), self.text()
        assert " ERROR " not in self.text(), self.text()

    def stop(self) -> None:
        """Ask it to stop, and wait for its end."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)


Serve = Callable[..., Shop]
"""Environment variables by name."""


@contextmanager
def served(folder: Path, *options: str, **environment: str) -> Iterator[Shop]:
    """Run the application until the block ends; what it prints goes into the folder."""
    port = servers.free_port()
    log = folder / f"{port}.log"
    quiet = {name: text for name, text in os.environ.items() if name[:3] not in ("OTE", "WS_")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "shop_sockets:app", "--port", str(port), *options],
            cwd=PROJECT,
            env=quiet
            | {
                "PYTHONPATH": f"{SHOP.parent}{os.pathsep}{PROJECT}",
                "OTEL_SDK_DISABLED": "true",
                "ENVIRONMENT": "development",
                "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/shop.db",
                "WS_MESSAGES_PER_SECOND": "0",
                "NO_PROXY": "*",
            }
            | environment,
            stdout=output,
            stderr=output,
        )
    shop = Shop(port, process, log)
    try:
        _wait(shop)
        yield shop
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def _wait(shop: Shop) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert shop.process.poll() is None, shop.text()
        try:
            if httpx2.get(f"{shop.url}/health", timeout=PATIENCE).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise AssertionError(shop.text())


async def eventually(
    condition: Callable[[], Any],
    seconds: float = PATIENCE,
    message: Callable[[], str] = lambda: "",
) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, message()
        await asyncio.sleep(0.02)


class Client:
    """A client that reads all the time and keeps what it got, and how it ended."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.texts: list[str] = []
        self.at: list[float] = []
        self.code: int | None = None
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for text in self.socket:
                assert isinstance(text, str)
                self.texts.append(text)
                self.at.append(time.monotonic())
            self.code = self.socket.close_code
        except ConnectionClosed:
            self.code = self.socket.close_code

    @property
    def numbers(self) -> list[int]:
        """The numbers of the broadcasts it got."""
        values = [json.loads(text) for text in self.texts]
        return [value["number"] for value in values if "number" in value]

    async def until(self, count: int, seconds: float = PATIENCE) -> None:
        """Wait for so many texts."""

        async def reached() -> bool:
            return len(self.texts) >= count

        await eventually(reached, seconds, lambda: f"{len(self.texts)} of {count}")

    async def do(self, **order: Any) -> None:
        """Give an order to the endpoint of rooms and wait until it is done."""
        count = sum('"done"' in text for text in self.texts)
        await self.socket.send(json.dumps(order))

        async def done() -> bool:
            assert self.code is None, self.code
            return sum('"done"' in text for text in self.texts) > count

        await eventually(done, PATIENCE)

    async def ended(self, seconds: float = PATIENCE) -> int | None:
        """Wait for the end and return its code."""
        await asyncio.wait_for(self.reading, seconds)
        return self.code

    async def close(self) -> None:
        await self.socket.close()
        await asyncio.wait([self.reading], timeout=PATIENCE)


@asynccontextmanager
async def client(shop: Shop, path: str, **options: Any) -> AsyncIterator[Client]:
    """Connect a client until the block ends."""
    settings = {"compression": None, "ping_interval": None, "close_timeout": 1} | options
    socket = await connect(shop.ws(path), proxy=None, **settings)
    connected = Client(socket)
    try:
        yield connected
    finally:
        await connected.close()


@asynccontextmanager
async def clients(shop: Shop, count: int, name: str = "c") -> AsyncIterator[list[Client]]:
    """Connect so many clients to the endpoint of the contract."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(client(shop, f"/ws/{name}{number}"))
            for number in range(count)
        ]
