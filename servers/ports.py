"""Free TCP ports, reserved so that processes that start servers at the same time choose others."""

import fcntl
import os
import random
import socket
import tempfile
from functools import cache
from pathlib import Path

HOST = "127.0.0.1"
# Below every system's ephemeral range: an outgoing connection cannot take the port of a server
# that is stopped for a moment.
PORTS = range(20000, 32000)

_reserved: set[int] = set()


def free_port() -> int:
    """Return a TCP port that nobody listens on and that no other caller gets in the meantime."""
    while not reserve(port := random.choice(PORTS)):  # noqa: S311  nothing secret
        pass
    return port


def reserve(port: int) -> bool:
    """Reserve a port until this process ends; False if it is in use or reserved already."""
    if port in _reserved or not _is_free(port):
        return False
    try:
        fcntl.lockf(_reservations(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    _reserved.add(port)
    return True


@cache
def _reservations() -> int:
    """Return an open file in which the lock of the byte N reserves the port N."""
    path = Path(tempfile.gettempdir()) / f"paxx-ports-{os.getuid()}"
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
