"""Run one statement on a PostgreSQL server with the standard library alone.

Enough of the wire protocol (version 3, SCRAM-SHA-256, simple query) to know that a server is
ours and takes work, and to create databases in it, before any driver is installed.
"""

import base64
import hashlib
import hmac
import secrets
import socket
import struct
from dataclasses import dataclass
from io import BufferedRWPair


@dataclass(frozen=True, slots=True)
class Login:
    """Where and as whom to connect."""

    host: str
    port: int
    user: str
    password: str
    database: str


def execute(login: Login, statement: str) -> None:
    """Log in and run a statement; ConnectionError with the server's words if it refuses either."""
    with (
        socket.create_connection((login.host, login.port), timeout=60) as connection,
        connection.makefile("rwb") as stream,
    ):
        _startup(stream, login)
        _authenticate(stream, login.password)
        _until_ready(stream)
        _send(stream, b"Q", statement.encode() + b"\0")
        _until_ready(stream)
        _send(stream, b"X", b"")


def _startup(stream: BufferedRWPair, login: Login) -> None:
    words = ["user", login.user, "database", login.database, "", ""]
    body = struct.pack("!I", 3 << 16) + "\0".join(words).encode()
    stream.write(struct.pack("!I", len(body) + 4) + body)
    stream.flush()


def _authenticate(stream: BufferedRWPair, password: str) -> None:
    _receive(stream)  # the offer of SCRAM-SHA-256, the only method that the server is set up for
    first = f"n=,r={secrets.token_hex(12)}"
    opening = f"n,,{first}".encode()
    _send(stream, b"p", b"SCRAM-SHA-256\0" + struct.pack("!I", len(opening)) + opening)
    challenge = _receive(stream)[1][4:].decode()
    _send(stream, b"p", _proof(password, first, challenge).encode())


def _proof(password: str, first: str, challenge: str) -> str:
    fields = dict(field.split("=", 1) for field in challenge.split(","))
    salt, rounds = base64.b64decode(fields["s"]), int(fields["i"])
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    client_key = _digest(salted, "Client Key")
    last = f"c=biws,r={fields['r']}"
    signature = _digest(hashlib.sha256(client_key).digest(), f"{first},{challenge},{last}")
    mixed = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    return f"{last},p={base64.b64encode(mixed).decode()}"


def _digest(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _until_ready(stream: BufferedRWPair) -> None:
    while _receive(stream)[0] != b"Z":
        pass


def _receive(stream: BufferedRWPair) -> tuple[bytes, bytes]:
    header = stream.read(5)
    if len(header) < 5:
        raise ConnectionError("the server closed the connection")
    kind, length = header[:1], struct.unpack("!I", header[1:])[0]
    body = stream.read(length - 4)
    if kind == b"E":
        fields = body.decode(errors="replace").split("\0")
        raise ConnectionError(next(field[1:] for field in fields if field.startswith("M")))
    return kind, body


def _send(stream: BufferedRWPair, kind: bytes, body: bytes) -> None:
    stream.write(kind + struct.pack("!I", len(body) + 4) + body)
    stream.flush()
