"""A project whose programs are stand-ins: they record how they were called, and say what a test
has them say."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.harness import Outcome, Shop

RECORDER = """#!{python} -IS
import json, os, sys
called = [os.path.basename(sys.argv[0]), *sys.argv[1:]]
with open({calls!r}, "a") as calls:
    calls.write(json.dumps({{"words": called, "directory": os.getcwd()}}) + "\\n")
for words, (code, printed, complaint) in {answers!r}.items():
    if " ".join(called[1:]).startswith(words):
        print(printed)
        print(complaint, file=sys.stderr)
        sys.exit(code)
"""


@dataclass(frozen=True, slots=True)
class Workbench:
    """A project, and a folder of programs that is all of PATH."""

    shop: Shop
    programs: Path

    def run(self, *arguments: str) -> Outcome:
        """Run paxx."""
        return self.shop.run(*arguments)

    def recorder(self, name: str, **answers: tuple[int, str, str]) -> None:
        """Put a program on PATH that records its arguments.

        Where they begin with a key, its exit code and what it prints are the value; `_` stands
        for a space.
        """
        spaced: Mapping[str, Any] = {key.replace("_", " "): each for key, each in answers.items()}
        script = RECORDER.format(
            python=sys.executable, calls=str(self.programs / "calls"), answers=dict(spaced)
        )
        self.script(name, script)

    def script(self, name: str, text: str) -> None:
        """Put a program on PATH."""
        write_program(self.programs / name, text)

    @property
    def calls(self) -> list[list[str]]:
        """Return the words of each call of a stand-in; all of them in the root of the project."""
        lines = (self.programs / "calls").read_text().splitlines()
        calls = [json.loads(line) for line in lines]
        assert all(Path(each["directory"]) == self.shop.root for each in calls)
        return [each["words"] for each in calls]


def write_program(path: Path, text: str) -> None:
    """Write a file that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def workbench(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """Return a project with a lock file; the working directory is one below its root."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr(import_module("paxx.cli.start"), "_PATIENCE", 300.0)  # for a busy machine
    uvicorn = ("UVICORN_HOST", "UVICORN_PORT", "UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN")
    settings = ("ENVIRONMENT", *uvicorn, "WEB_CONCURRENCY", "COMPOSE_FILE")
    for name in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", *settings):
        monkeypatch.delenv(name, raising=False)
    (shop / "uv.lock").write_text("version = 1\n")
    monkeypatch.chdir(shop / "core")
    return Workbench(shop, programs)
