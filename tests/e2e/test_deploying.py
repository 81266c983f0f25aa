"""Instances that stop and start behind a load balancer, with the options of the image."""

import json
import os
import random
import re
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit

import pytest

from tests.e2e.conftest import GetShop
from tests.e2e.real import PATIENCE, App, RealShop

Start = Callable[[], AbstractContextManager[App]]


def image_options(shop: RealShop) -> list[str]:
    """Return the options that the image passes to uvicorn, except those of the address."""
    lines = (shop.root / "Dockerfile").read_text().splitlines()
    command = json.loads(lines[-1].removeprefix("CMD "))
    return list(command[command.index("8000") + 1 :])


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["one process", "two workers"])
def test_a_draining_application_serves_and_stops_at_once_when_asked_again(
    options: tuple[str, ...], second: signal.Signals, get_shop: GetShop
) -> None:
    with get_shop("bare").serve(*options, env={"DRAIN_SECONDS": "3600"}) as app:
        app.wait_until("ready")
        app.process.send_signal(signal.SIGTERM)
        assert app.wait_until("draining").status == 503
        assert app.get("/openapi.json").status == 200
        # A terminal sends Ctrl-C to the workers as well.
        for process in re.findall(r"Started server process \[(\d+)\]", app.log.read_text()):
            os.kill(int(process), second)
        app.process.wait(PATIENCE)


class Balancer:
    """The instances whose last answer to `/ready` was 200."""

    interval = 0.1

    def __init__(self) -> None:
        self.instances: list[App] = []
        self.healthy: list[App] = []
        self.is_over = threading.Event()

    def watch(self) -> None:
        """Ask all instances again and again."""
        while not self.is_over.wait(self.interval):
            self.healthy = [each for each in list(self.instances) if self._is_ready(each)]

    def _is_ready(self, app: App) -> bool:
        try:
            return app.get("/ready").status == 200
        except OSError:
            return False


class Client:
    """A client that keeps a connection to each instance and never tries a request again."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.connections: dict[str, HTTPConnection] = {}
        self.requests = 0
        self.failures: list[str] = []

    def ask(self, url: str) -> None:
        """Make a request; a connection that is known to be closed is replaced before."""
        address = urlsplit(url).netloc
        connection = self.connections.setdefault(url, HTTPConnection(address, timeout=PATIENCE))
        if connection.sock and select.select([connection.sock], [], [], 0)[0]:
            connection.close()
        self.requests += 1
        try:
            connection.request("GET", self.path)
            response = connection.getresponse()
            response.read()
            if response.status != 200:
                self.failures.append(str(response.status))
        except (OSError, HTTPException) as error:
            self.failures.append(repr(error))
            connection.close()

    def close(self) -> None:
        """Close the connections."""
        for connection in self.connections.values():
            connection.close()


@pytest.fixture
def start(get_shop: GetShop, tmp_path: Path) -> Start:
    """Return a function that starts an instance of the example."""
    shop = get_shop("example")
    database = {"DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/shop.db"}
    shop.tool("alembic", "upgrade", "head", env=database)
    env = database | {"DRAIN_SECONDS": "5"}
    return lambda: shop.serve(*image_options(shop), env=env)


@pytest.mark.nightly
def test_a_rolling_restart_of_three_instances_fails_no_request(start: Start) -> None:
    balancer = Balancer()
    clients = [Client("/notes") for _ in range(4)]

    def load(client: Client) -> None:
        with closing(client):
            while not balancer.is_over.is_set() or client.requests < 250:
                client.ask(random.choice(balancer.healthy).url)
                time.sleep(0.01)

    with ThreadPoolExecutor() as pool, ExitStack() as running:
        stacks = [running.enter_context(ExitStack()) for _ in range(3)]
        try:
            balancer.instances = [each.enter_context(start()) for each in stacks]
            balancer.healthy = list(balancer.instances)
            tasks = [pool.submit(balancer.watch), *(pool.submit(load, each) for each in clients)]
            for number, stack in enumerate(stacks):
                stack.close()
                balancer.instances[number] = stack.enter_context(start())
                balancer.instances[number].wait_until("ready")
        finally:
            balancer.is_over.set()
        for task in tasks:
            task.result()
    assert [failure for client in clients for failure in client.failures] == []


class DelayedNetwork(ThreadingTCPServer):
    """A network on which everything, the end of a connection too, takes 20 ms to an instance."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 100
    delay = 0.02

    def __init__(self, target: App) -> None:
        self.target = urlsplit(target.url)
        super().__init__(("127.0.0.1", 0), _Connection)

    @property
    def url(self) -> str:
        """Return the address of the instance behind this network."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        """Copy what comes until either side ends."""
        with suppress(OSError):
            while data := source.recv(65536):
                time.sleep(self.delay)
                sink.sendall(data)
            time.sleep(self.delay)
            sink.shutdown(socket.SHUT_WR)


class _Connection(BaseRequestHandler):
    server: DelayedNetwork

    def handle(self) -> None:
        target = (self.server.target.hostname, self.server.target.port)
        with socket.create_connection(target) as inner:
            back = threading.Thread(target=self.server.pass_on, args=(inner, self.request))
            back.start()
            self.server.pass_on(self.request, inner)
            back.join()


@pytest.fixture
def network(start: Start) -> Iterator[DelayedNetwork]:
    """Return the network of an instance."""
    with start() as app, DelayedNetwork(app) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


@pytest.mark.nightly
def test_no_request_meets_a_connection_that_the_server_closes(network: DelayedNetwork) -> None:
    clients = [Client("/health") for _ in range(60)]

    def load(client: Client) -> None:
        with closing(client):
            for _ in range(10):
                client.ask(network.url)
                time.sleep(random.uniform(4.9, 5.05))  # uvicorn closes after 5 s by default

    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(load, clients))
    assert [failure for client in clients for failure in client.failures] == []
    assert sum(client.requests for client in clients) == 600
