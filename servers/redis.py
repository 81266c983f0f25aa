"""A real Redis (or Valkey) server for tests, the demo and benchmarks."""

import secrets
import socket
from collections.abc import Sequence
from typing import Self

from servers.binaries import redis_server
from servers.ports import HOST
from servers.process import Server, started


class Redis(Server):
    """A Redis server with a password and an append-only file; made by `Redis.start`."""

    def __init__(self, port: int, password: str, options: Sequence[str] = ()) -> None:
        super().__init__(port)
        self.password = password
        self.options = options
        self.socket_path = self.directory / "redis.sock"

    @classmethod
    def start(
        cls,
        password: str | None = None,
        port: int | None = None,
        options: Sequence[str] = (),
    ) -> Self:
        """Return a running server; `options` are further words of its command line."""
        secret = password or secrets.token_hex(8)
        return started(lambda chosen: cls(chosen, secret, options), port)

    @property
    def url(self) -> str:
        """Address of database 0, password included."""
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def command(self) -> list[str]:
        """Return the server's command line."""
        return [
            *(str(redis_server()), "--port", str(self.port), "--bind", HOST),
            *("--dir", str(self.directory), "--requirepass", self.password),
            *("--unixsocket", str(self.socket_path), "--daemonize", "no"),
            *("--save", "", "--appendonly", "yes", "--appendfsync", "no"),
            *self.options,
        ]

    def answers(self) -> bool:
        """Log in and PING; another server on this port does not know the password."""
        request = f"AUTH {self.password}\r\nPING\r\n".encode()
        with socket.create_connection((HOST, self.port), timeout=1) as connection:
            connection.sendall(request)
            with connection.makefile("rb") as replies:
                return [replies.readline(), replies.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
