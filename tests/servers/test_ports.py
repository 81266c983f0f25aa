"""Ports of servers that start at the same time."""

import random
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from servers import free_port, ports

REPOSITORY = Path(__file__).parents[2]
HOLDER = "import servers.ports; print(servers.ports.reserve({}), flush=True); input()"


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return two ports that are free, in the order in which `free_port` tries them."""
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as two,
    ):
        numbers = [each.getsockname()[1] for each in (one, two)]
    left = list(numbers)
    monkeypatch.setattr(random, "choice", lambda _: left.pop(0))
    return numbers


def test_free_port_never_returns_a_port_twice(
    offered: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert free_port() == offered[0]
    again = list(offered)
    monkeypatch.setattr(random, "choice", lambda _: again.pop(0))
    assert free_port() == offered[1]


def test_free_port_skips_what_another_process_reserved(offered: list[int]) -> None:
    command = [sys.executable, "-c", HOLDER.format(offered[0])]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=pipe, stdout=pipe, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert free_port() == offered[1]
        holder.communicate("\n")
    assert ports.reserve(offered[0])


def test_free_port_skips_a_port_in_use(offered: list[int]) -> None:
    with socket.create_server(("127.0.0.1", offered[0])):
        assert free_port() == offered[1]
