"""A project whose PostgreSQL stops, crashes and goes silent while it serves."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest

import servers
from tests.e2e.conftest import GetShop
from tests.e2e.real import App


@pytest.fixture
def mortal() -> Iterator[servers.Postgres]:
    """Return a server for one test alone."""
    with servers.Postgres.start() as server:
        yield server


class Relay(ThreadingTCPServer):
    """A way to a server on which packets get lost, as behind a firewall that forgot about it."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, target: int) -> None:
        self.target = target
        self.is_silent = False
        super().__init__(("127.0.0.1", 0), _Connection)

    def pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        """Copy what comes until either side ends; drop it while the relay is silent."""
        with suppress(OSError):
            while data := source.recv(65536):
                if not self.is_silent:
                    sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


class _Connection(BaseRequestHandler):
    server: Relay

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.target)) as inner:
            back = threading.Thread(target=self.server.pass_on, args=(inner, self.request))
            back.start()
            self.server.pass_on(self.request, inner)
            back.join()


@pytest.fixture
def relay(mortal: servers.Postgres) -> Iterator[Relay]:
    """Return a way to that server."""
    with Relay(mortal.port) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def app(mortal: servers.Postgres, relay: Relay, get_shop: GetShop) -> Iterator[App]:
    """Return the example on that server, with connections in its pool; it has to stop in time."""
    port = relay.server_address[1]
    shop = get_shop("example")
    env = {"DATABASE_URL": mortal.url.replace(f":{mortal.port}", f":{port}")}
    shop.tool("alembic", "upgrade", "head", env=env)
    with shop.serve(env=env) as running:
        assert running.get("/notes").status == 200
        yield running


def assert_unavailable(app: App) -> None:
    answer = app.get("/notes")
    assert (answer.status, answer.json["title"]) == (503, "The database is unavailable")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in app.log.read_text()


def test_a_stopped_server_is_503_and_forgotten_when_it_is_back(
    app: App, mortal: servers.Postgres
) -> None:
    mortal.stop()
    assert_unavailable(app)
    mortal.start_again()
    assert app.get("/notes").status == 200


def test_a_crash_between_two_requests_is_not_noticed(app: App, mortal: servers.Postgres) -> None:
    mortal.kill()
    mortal.start_again()
    assert app.get("/notes").status == 200


def test_silence_is_503_and_holds_up_no_shutdown(app: App, relay: Relay) -> None:
    relay.is_silent = True
    assert_unavailable(app)
    relay.is_silent = False
    assert app.get("/notes").status == 200
    relay.is_silent = True
