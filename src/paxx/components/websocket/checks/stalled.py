"""A client that stops to read."""

import socket
from typing import Self

from checks.websocket.serving import PATIENCE, Shop


class Stalled:
    """A client that connects with small buffers and then reads nothing until it is told to."""

    def __init__(self, shop: Shop, path: str) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(("127.0.0.1", shop.port))
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{shop.port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self.rest = self.socket.recv(4096)
        assert b" 101 " in self.rest

    def rest_of_it(self) -> bytes:
        """Read until the connection ends; a reset counts as an end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        try:
            while part := self.socket.recv(1 << 20):
                self.rest += part
        except ConnectionResetError:
            pass
        return self.rest

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
