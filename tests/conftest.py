"""The harness: a project on disk, commands run in it, and what came of them."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from paxx import catalog, cli


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command printed and its exit code."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict[str, Any]:
        """Return the one JSON document on stdout."""
        document: dict[str, Any] = json.loads(self.stdout)
        return document


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs `paxx` with these arguments in this process."""

    def run_paxx(*arguments: str) -> Outcome:
        code = cli.run(arguments)
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run_paxx


@dataclass(frozen=True, slots=True)
class Shop:
    """A bootstrapped project; commands run with it as the working directory."""

    root: Path
    run: Run

    def __truediv__(self, path: str) -> Path:
        return self.root / path

    def add(self, *arguments: str) -> Outcome:
        """Run `paxx infra add` without touching the environment."""
        return self.run("infra", "add", *arguments, "--no-sync")

    def tree(self) -> dict[str, bytes]:
        """Return every file of the project, git's own left out."""
        return tree(self.root)


def tree(root: Path) -> dict[str, bytes]:
    """Return the content of every file below a directory, git's own left out."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(root).parts[:1]
    }


@pytest.fixture(scope="session")
def pristine_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project just bootstrapped; never written to by a test."""
    folder = tmp_path_factory.mktemp("pristine")
    options = ("--no-git", "--no-sync", "--yes", "--output-dir", str(folder))
    assert cli.run(("bootstrap", "shop", *options)) == 0
    return folder / "shop"


@pytest.fixture
def shop(pristine_shop: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Return a fresh project without a repository, as the working directory."""
    root = tmp_path / "shop"
    shutil.copytree(pristine_shop, root)
    monkeypatch.chdir(root)
    return Shop(root, run)


@pytest.fixture
def sample_catalog(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use components that show what the format can express beyond the ones that ship."""
    folder = Path(__file__).parent / "fixtures" / "components"
    monkeypatch.setattr(catalog, "FOLDER", folder)
    return folder
