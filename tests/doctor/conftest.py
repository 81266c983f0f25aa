"""A project with an environment made by hand: its interpreter says what a test has it say."""

import json
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from servers import free_port
from tests.harness import Outcome, Shop


@dataclass(frozen=True, slots=True)
class Clinic:
    """A project, and the programs that are on PATH."""

    shop: Shop
    programs: Path

    def examine(self) -> Outcome:
        """Run `paxx doctor`."""
        return self.shop.run("doctor", "--json")

    def findings(self) -> dict[str, dict[str, Any]]:
        """Return what was found, by subject."""
        return {each["subject"]: each for each in self.examine().json["findings"]}

    def program(self, name: str, script: str) -> None:
        """Put a program on PATH."""
        write_script(self.programs / name, script)

    def interpreter(self, script: str) -> None:
        """Make the environment of the project with an interpreter that is this script."""
        write_script(self.shop / ".venv/bin/python", script)

    def tells(self, **facts: Any) -> None:
        """Let the project tell these facts, and otherwise that all is well."""
        answer = {"python": "3.12.1", "dotenv": [".env"], **facts}
        (self.programs / "facts.json").write_text(json.dumps(answer))
        self.interpreter(f"/bin/cat {self.programs}/facts.json")

    def publish(self, app: int, db: int) -> None:
        """Let the Compose file publish these ports."""
        (self.shop / ".env").write_text(f"APP_PORT={app}\nDB_PORT={db}\n")


def write_script(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def clinic(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    """Return a project without problems."""
    programs = tmp_path / "programs"
    monkeypatch.setenv("PATH", str(programs))
    for name in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "APP_PORT", "DB_PORT"):
        monkeypatch.delenv(name, raising=False)
    made = Clinic(shop, programs)
    made.program("uv", 'test "$1" = lock || echo "uv 0.13.9 (x86_64)"')
    made.tells()
    (shop / "uv.lock").write_text("version = 1\n")
    made.publish(free_port(), free_port())
    return made


Listen = Callable[..., tuple[int, int]]


@pytest.fixture
def listen(tmp_path: Path) -> Iterator[Listen]:
    """Return a function that starts a process which listens; returns its port and its id."""
    started: list[subprocess.Popen[str]] = []
    script = (
        "import socket, sys; server = socket.create_server(('127.0.0.1', 0));"
        "print(server.getsockname()[1], flush=True); sys.stdin.read()"
    )

    def start(directory: Path = tmp_path) -> tuple[int, int]:
        process = subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=directory,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout
        return int(process.stdout.readline()), process.pid

    yield start
    for process in started:
        process.communicate("")


@pytest.fixture
def own_port() -> Iterator[int]:
    """Return a port on which this process listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
