"""A project as a clone may be, and what lies beside it."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from paxx import cli
from tests.faults.operations import snapshot
from tests.harness import Outcome, Run, Shop
from tests.security.watching import watched


@dataclass(frozen=True, slots=True)
class Scene:
    """A project with redis and a feature, and a folder of somebody else beside it."""

    shop: Shop
    victim: Path
    state: Path
    pristine: Path

    @property
    def root(self) -> Path:
        """Return the root of the project."""
        return self.shop.root

    def prepare(self) -> None:
        """Make the project and what lies beside it as they are at first."""
        shutil.rmtree(self.root.parent, ignore_errors=True)
        shutil.copytree(self.pristine, self.root)
        for folder in ("empty", "journal"):
            (self.victim / folder).mkdir(parents=True)
        (self.victim / "journal/thesis.txt").write_text("years of work\n")
        (self.victim / "precious.txt").write_text("precious\n")
        (self.root / ".git").mkdir()
        (self.root / ".git/config").write_text("[core]\n")
        (self.root / ".env").write_text("PASSWORD=precious\n")
        os.chdir(self.root)

    def untouchable(self) -> dict[str, object]:
        """Return all that lies around the project, and what in it is not for paxx to write."""
        beside = {
            each.name: snapshot(each) for each in self.root.parent.iterdir() if each != self.root
        }
        return {
            **beside,
            ".git": snapshot(self.root / ".git"),
            ".env": (self.root / ".env").read_bytes(),
        }

    def stamp(self) -> dict[str, tuple[int, int]]:
        """Return what changes when a file of the project does, which is faster than to read it."""
        found = {}
        for folder, _, names in os.walk(self.root):
            for name in names:
                state = os.lstat(f"{folder}/{name}")
                found[f"{folder}/{name}"] = (state.st_mtime_ns, state.st_ino)
        return found

    def run(self, *arguments: str) -> Outcome:
        """Run a command, which may neither write what is not its own nor start a program."""
        before = self.untouchable()
        with watched(self.root, self.state) as watch:
            outcome = self.shop.run(*arguments)
        assert (watch.started, watch.written) == ([], []), (arguments, outcome)
        assert self.untouchable() == before, (arguments, outcome)
        return outcome


@pytest.fixture(scope="session")
def pristine_redis(pristine_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project that has redis and a feature; never written to by a test."""
    root = tmp_path_factory.mktemp("redis") / "shop"
    shutil.copytree(pristine_shop, root)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        assert cli.run(("infra", "add", "redis", "--no-sync")) == 0
        assert cli.run(("feature", "create", "orders", "name:str", "--no-sync")) == 0
    return root


@pytest.fixture
def no_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be no program on PATH, and no environment of Python."""
    (tmp_path / "no programs").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "no programs"))
    for name in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def scene(
    pristine_redis: Path,
    tmp_path: Path,
    run: Run,
    state_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Scene:
    """Return a fresh project beside files of somebody else."""
    folder = tmp_path / "work"
    made = Scene(Shop(folder / "shop", run), folder / "victim", state_folder, pristine_redis)
    monkeypatch.chdir(tmp_path)
    made.prepare()
    return made
