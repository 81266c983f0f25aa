"""The demonstration's project: made with the real commands, then given a feature by hand."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from demo.words import DemoError, say, step

HERE = Path(__file__).parent
FEATURE = "features.prices.router"
IMPORT = re.compile(r"^import .*\n", re.MULTILINE)
ROUTERS = re.compile(r"^ROUTERS\b[^=]*= \[", re.MULTILINE)


def prepare(directory: Path) -> None:
    """Make the project or keep that of an earlier run; DemoError in a foreign directory."""
    if is_own(directory):
        say(f"{directory} is there from an earlier demonstration and is used as it is")
        say("hint: delete it to start afresh")
    elif directory.exists() and any(directory.iterdir()):
        message = f"{directory} is not empty and not from a demonstration"
        raise DemoError(f"{message}\nhint: `python3 dev.py demo --directory DIR` takes another")
    else:
        make(directory)
    step("Install it")
    uv = str(Path(sys.executable).with_name("uv"))
    shown("uv sync", [uv, "sync", "--quiet", "--python", sys.executable], directory)


def is_own(directory: Path) -> bool:
    """Say if an earlier run made the project; the feature is the last thing that it writes."""
    return (directory / ".paxx").is_dir() and (directory / "features" / "prices").is_dir()


def make(directory: Path) -> None:
    """Run the commands of a newcomer in their order; nothing stays if one of them fails."""
    name, parent = directory.name, directory.parent
    parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as undo:
        undo.callback(shutil.rmtree, directory, ignore_errors=True)
        step("Make a project")
        paxx(parent, "bootstrap", name, "--no-git", "--no-sync", "--yes")
        step("Add two components")
        paxx(directory, "infra", "add", "redis", "metrics", "--no-sync", "--yes")
        step("Write a feature: features/prices, and its two lines in wiring.py")
        write_feature(directory)
        undo.pop_all()


def write_feature(directory: Path) -> None:
    """Copy the feature and add its router, as its author would."""
    shutil.copytree(HERE / "feature", directory / "features", dirs_exist_ok=True)
    wiring = directory / "wiring.py"
    wiring.write_text(with_router(wiring.read_text()))


def with_router(source: str) -> str:
    """Return `wiring.py` with the feature's import and its entry at the head of ROUTERS."""
    imports, routers = list(IMPORT.finditer(source)), ROUTERS.search(source)
    if not imports or routers is None:
        raise DemoError("`wiring.py` has no imports or no list of ROUTERS")
    after, opened = imports[-1].end(), routers.end()
    end = "\n" if source[opened] == "]" else ""
    entry = f"\n    {FEATURE}.router,{end}"
    middle = source[after:opened]
    return f"{source[:after]}import {FEATURE}\n{middle}{entry}{source[opened:]}"


def paxx(directory: Path, *words: str) -> None:
    """Run the checkout's own `paxx` and show it as it is typed."""
    shown(f"paxx {' '.join(words)}", [sys.executable, "-m", "paxx", *words], directory)


def shown(typed: str, command: list[str], directory: Path) -> None:
    """Run a command, showing how it is typed and what it prints; DemoError if it fails."""
    say(f"  $ {typed}")
    done = subprocess.run(  # noqa: S603  the demonstration's own commands
        command,
        cwd=directory,
        env={name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    for line in done.stdout.splitlines():
        say(f"    {line}")
    if done.returncode != 0:
        raise DemoError(f"`{typed}` ended with code {done.returncode}")
