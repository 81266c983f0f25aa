"""The clients of the fan-out benchmark: as little work as possible for each message.

Called with the ports of the servers, the number of clients, the size of a text, how many texts,
and rounds; prints JSON: throughput by contender and round, and the p99 of delays in milliseconds
with and without clients that stall.
"""

import asyncio
import json
import socket
import sys
import time
import urllib.request
from itertools import cycle
from statistics import quantiles
from typing import cast

CONTENDERS = ("paxx", "loop", "broadcaster")
PATIENCE = 30.0
STALLED_SHARE = 100  # one of so many
FILL = 8 * 1024 * 1024  # more than kernels buffer
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Client(asyncio.Protocol):
    """Counts frames of a known size, and keeps when each was complete."""

    def __init__(self, path: str, frame: int) -> None:
        self.path = path
        self.frame = frame
        self.connected = asyncio.Event()
        self.bytes = 0
        self.at: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        cast("asyncio.Transport", transport).write(HANDSHAKE.format(path=self.path).encode())

    def data_received(self, data: bytes) -> None:
        """Count what came."""
        if not self.connected.is_set():
            head, _, data = data.partition(b"\r\n\r\n")
            if b" 101 " not in head:
                raise RuntimeError(head)
            self.connected.set()
        self.bytes += len(data)
        complete = self.bytes // self.frame
        if complete > len(self.at):
            self.at += [time.monotonic()] * (complete - len(self.at))


def post(port: int, path: str) -> list[float]:
    """Return the answer to a POST request."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method="POST")
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310  our own server
        return list(json.load(answer) or ())


async def connect(ports: list[int], contender: str, count: int, frame: int) -> list[Client]:
    """Connect so many clients, spread over the servers."""
    loop = asyncio.get_running_loop()
    clients = []
    for number, port in zip(range(count), cycle(ports), strict=False):
        path = f"/{contender}/{number}"
        _, client = await loop.create_connection(
            lambda path=path: Client(path, frame),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
        clients.append(client)
    for client in clients:
        await client.connected.wait()
    return clients


async def deliver(port: int, clients: list[Client], path: str, count: int) -> tuple[float, float]:
    """Let a server send, wait for all of it; return the rate and the p99 of the delays."""
    for client in clients:
        client.bytes, client.at = 0, []
    start = time.monotonic()
    sent = await asyncio.to_thread(post, port, path)
    while any(len(client.at) < count for client in clients):
        await asyncio.sleep(0.002)
        if time.monotonic() - start > PATIENCE:
            raise RuntimeError(f"{path}: a client did not get everything")
    end = max(client.at[-1] for client in clients)
    delays = [at - then for client in clients for at, then in zip(client.at, sent, strict=True)]
    return len(clients) * count / (end - start), quantiles(delays, n=100)[98] * 1000


def stalled(port: int, number: int) -> socket.socket:
    """Connect a client that reads nothing, and let the server notice."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(PATIENCE)
    client.connect(("127.0.0.1", port))
    client.sendall(HANDSHAKE.format(path=f"/paxx/stalled{number}").encode())
    client.recv(4096)
    post(port, f"/stall/stalled{number}?size={FILL}")
    return client


async def main() -> None:
    """Measure and print."""
    ports = [int(port) for port in sys.argv[1].split(",")]
    count, size, texts, rounds = map(int, sys.argv[2:])
    frame = size + (2 if size < 126 else 4)
    clients = {name: await connect(ports, name, count, frame) for name in CONTENDERS}
    await asyncio.sleep(0.5)
    results: dict[str, list[float]] = {name: [] for name in (*CONTENDERS, "p99", "p99 stalled")}
    paced = f"/send/paxx?count=40&size={size}&pause={count / 20_000}"
    for name in CONTENDERS:
        await deliver(ports[0], clients[name], f"/send/{name}?count=5&size={size}", 5)
    for _ in range(rounds):
        for name in CONTENDERS:
            path = f"/send/{name}?count={texts}&size={size}"
            rate, _ = await deliver(ports[0], clients[name], path, texts)
            results[name].append(rate)
        for label, number in (("p99", 0), ("p99 stalled", count // STALLED_SHARE)):
            some = [stalled(port, n) for n, port in zip(range(number), cycle(ports), strict=False)]
            _, p99 = await deliver(ports[0], clients["paxx"], paced, 40)
            results[label].append(p99)
            for client in some:
                client.close()
            await asyncio.sleep(0.5)  # what they leave behind is not part of the next round
    print(json.dumps(results))


asyncio.run(main())
