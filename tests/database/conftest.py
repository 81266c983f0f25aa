"""A project whose interpreter says what a test has it say."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.doctor.conftest import write_script
from tests.harness import Outcome, Shop

REVISION = {"revision": "ab12", "message": "add x", "down": [], "path": "db/x.py"}
MOVED: dict[str, Any] = {
    "database": "shop.db",
    "before": [],
    "after": ["ab12"],
    "revisions": [{**REVISION, "milliseconds": 3.5}],
    "sql": None,
}


@dataclass(frozen=True, slots=True)
class Puppet:
    """A project; what its side of a question answers is written beforehand."""

    shop: Shop
    folder: Path

    def db(self, *arguments: str) -> Outcome:
        """Run `paxx db`."""
        return self.shop.run("db", *arguments)

    def interpreter(self, script: str) -> None:
        """Make the environment of the project with an interpreter that is this script."""
        write_script(self.shop / ".venv/bin/python", script)

    def says(self, *events: dict[str, Any], then: str = "") -> None:
        """Let the project's side tell these events, note what it was asked, then run more."""
        lines = "".join(json.dumps(each) + "\n" for each in events)
        (self.folder / "events").write_text(lines)
        asked = self.folder / "asked"
        self.interpreter(f'echo "$2" >>{asked}\n/bin/cat {self.folder}/events\n{then}')

    def answers(self, **answer: Any) -> None:
        """Let the project's side answer this."""
        self.says({"event": "answer", **answer})

    def fails(self, kind: str, **facts: Any) -> None:
        """Let the project's side tell of a failure."""
        self.says({"event": "failure", "kind": kind, **facts})

    @property
    def asked(self) -> list[dict[str, Any]]:
        """Return the questions that were asked."""
        return [json.loads(line) for line in (self.folder / "asked").read_text().splitlines()]


@pytest.fixture
def puppet(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Puppet:
    """Return a project with an interpreter that knows nothing yet."""
    for name in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)
    return Puppet(shop, tmp_path)
