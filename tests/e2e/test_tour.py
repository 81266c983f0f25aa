"""The first commands of the README, typed into a shell on a terminal, one after the other."""

import json
import os
import re
import urllib.request
from pathlib import Path
from typing import Any

import pexpect

from paxx.doctor import listeners
from servers import free_port
from tests.e2e.conftest import NOBODY
from tests.e2e.real import REPOSITORY, clean_environment, uv

PATIENCE = 300.0  # seconds for a command; some make environments
PROMPT = "typed> "
QUESTIONS = ["Description:", "Components to add:"]


def tour() -> list[str]:
    """Return the commands of the first block of the README."""
    block = re.search(r"```console\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.DOTALL)
    assert block is not None
    return [line.removeprefix("$ ") for line in block[1].splitlines()]


class Session:
    """A shell on a terminal in which a user types."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.shell = pexpect.spawn(
            "bash",
            ["--norc", "--noprofile"],
            cwd=str(folder),
            env=env | {"PS1": PROMPT, "TERM": "dumb", "PAGER": "cat"},
            encoding="utf-8",
            timeout=PATIENCE,
            dimensions=(50, 200),
        )
        self.shell.expect_exact(PROMPT)

    def succeed(self, command: str) -> None:
        """Type a command that has to succeed; its questions are answered by Enter."""
        self.shell.sendline(command)
        shown = ""
        while self.shell.expect_exact([PROMPT, *QUESTIONS]) > 0:
            shown += str(self.shell.before)
            self.shell.send("\r")
        shown += str(self.shell.before)
        self.shell.sendline("echo code $?")
        assert self.shell.expect([r"code 0\r\n", r"code \d+\r\n"]) == 0, f"{command}\n{shown}"
        self.shell.expect_exact(PROMPT)


def call(port: int, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        return response.status, json.load(response)


def test_the_tour_of_the_readme(tmp_path: Path) -> None:
    port = free_port()
    tools = f"{Path(uv()).parent}{os.pathsep}{os.environ['PATH']}"
    env = clean_environment() | NOBODY | {"PATH": tools, "UVICORN_PORT": str(port)}
    session = Session(tmp_path, env)
    *commands, last = tour()
    assert last == "paxx start"
    for command in commands:
        session.succeed(command)
    assert len(list((tmp_path / "shop/db/migrations/versions").glob("*_add_products.py"))) == 1

    session.shell.sendline(last)
    session.shell.expect_exact(f"http://127.0.0.1:{port}/docs")
    session.shell.expect_exact("database")
    created = call(port, "/products", {"name": "Tea", "price": "2.50"})
    assert created[0] == 201
    assert call(port, "/products?sort=price")[1]["items"] == [created[1]]
    session.shell.sendintr()
    session.shell.expect_exact("Application shutdown complete")
    session.shell.expect_exact(PROMPT)
    assert not listeners.is_taken(port)
