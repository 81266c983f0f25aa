"""A temporary copy of the checkout in which files can be changed and tests run."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from devtools.environment import program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Completed = subprocess.CompletedProcess[str]

# The plugin of schemathesis takes longer to import than most tests take to run.
OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis"]
FEATURE = ["products", "name:str(80):unique", "price:decimal(10,2):index"]
COMMAND_TIMEOUT = 600  # seconds
# The system closes the pipe when the process at its other end is gone, even after SIGKILL.
REAPER = """
import os, shutil, sys, time
sys.stdin.read()
while os.path.exists(sys.argv[1]):
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    time.sleep(0.1)
"""
# Python reuses bytecode for a source of the same size and modification time in whole seconds.
_times = itertools.count(1_000_000_000)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a new folder, which is removed however this process ends."""
    folder = tempfile.mkdtemp(prefix="paxx-")
    reaper = [sys.executable, "-c", REAPER, folder]
    with subprocess.Popen(reaper, stdin=subprocess.PIPE, start_new_session=True):  # noqa: S603
        yield Path(folder)


@dataclass(frozen=True)
class CheckoutCopy:
    """A copy of the checkout, and the Python that runs its tests."""

    root: Path
    python: str

    @classmethod
    def create(cls, checkout: Path, folder: Path) -> CheckoutCopy:
        """Copy a checkout and build an environment in which paxx is the one of the copy."""
        copy_files(checkout, folder)
        _sync(folder, sys.executable)
        return cls(folder, str(folder / ".venv" / "bin" / "python"))

    @contextmanager
    def changed(self, file: str, text: str) -> Iterator[None]:
        """Give a file another text until the block ends."""
        path = self.root / file
        original = path.read_text(encoding="utf-8")
        _write(path, text)
        try:
            yield
        finally:
            _write(path, original)

    def test(self, arguments: Iterable[str], project: Path | None = None) -> Completed:
        """Run tests of the copy or of a project with pytest."""
        python, env = self.python, {}
        if project is not None:
            python = str(self.original_project / ".venv" / "bin" / "python")
            # Checks import `servers`; a test without its server fails instead of being skipped.
            path = f"{project}{os.pathsep}{self.root}"
            env = {"PYTHONPATH": path, "REQUIRE_SERVERS": "1"}
        return _run([python, "-m", "pytest", *OPTIONS, *arguments], project or self.root, env)

    @cached_property
    def original_project(self) -> Path:
        """Return a project made before any change; all projects use its environment."""
        folder = self.make_project("original")
        _sync(folder, self.python)
        return folder

    def make_project(self, name: str) -> Path:
        """Make a project with every component, the checks of each, and a feature."""
        parent = self.root.parent / name
        shutil.rmtree(parent, ignore_errors=True)
        parent.mkdir()
        checks = {each.parent.name: each for each in self.root.glob("src/paxx/components/*/checks")}
        options = ["--with", ",".join(checks), "--no-git", "--no-sync", "--yes"]
        paxx = [self.python, "-m", "paxx"]
        _run([*paxx, "bootstrap", "shop", *options], parent).check_returncode()
        _run([*paxx, "feature", "create", *FEATURE], parent / "shop").check_returncode()
        for component, path in checks.items():
            shutil.copytree(path, parent / "shop" / "checks" / component)
        return parent / "shop"


def copy_files(checkout: Path, target: Path) -> None:
    """Copy the working tree of a checkout without the files that git ignores."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in (*_run(command, checkout).stdout.split("\0")[:-1], "uv.lock"):
        if (checkout / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(checkout / name, target / name)


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    os.utime(file, (stamp := next(_times), stamp))


def _sync(folder: Path, python: str) -> None:
    _run([program("uv"), "sync", "--quiet", "--python", python], folder).check_returncode()


def _run(command: list[str], folder: Path, env: Mapping[str, str] | None = None) -> Completed:
    return subprocess.run(  # noqa: S603
        command,
        cwd=folder,
        env={**os.environ, **(env or {})},
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        timeout=COMMAND_TIMEOUT,
    )
