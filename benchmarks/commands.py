"""Whole-process wall time of the commands, against `python -c pass` and the peer from PyPI.

Then the instructions that valgrind counts, against limits: they do not depend on what else the
machine does. `--instructions` counts them alone.

The peer is `paxx==0.2.3`, another implementation of the same contract, in an environment of its
own; it needs Python 3.12 and is left out on an older one. Contenders run in turn in each round; a
ratio is the median over rounds.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.table import medians, ratio, render
from devtools import limits

PEER = "paxx==0.2.3"
PEER_CHECK = "import sys; sys.exit(sys.version_info < (3, 12))"
PEER_HINT = "run `python -m benchmarks.commands --python 3.12` to compare with it"
TARGETS = {"--help": 0.5, "infra list": 0.5, "bootstrap": 0.7, "infra add redis metrics": 0.7}


def environments(folder: Path, python: str) -> Iterator[tuple[str, Path]]:
    """Install this checkout and the peer for the same interpreter, byte code compiled.

    The peer is left out where the interpreter is too old for it.
    """
    root = Path(__file__).parent.parent
    for name, requirement in (("paxx", str(root)), ("peer", PEER)):
        target = folder / name
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--python", python, str(target)], check=True)
        interpreter = str(target / "bin" / "python")
        check = [interpreter, "-c", PEER_CHECK]
        if name == "peer" and subprocess.run(check, check=False).returncode:
            print(f"{PEER} needs Python 3.12: {PEER_HINT}", file=sys.stderr)
            return
        options = ["--quiet", "--compile-bytecode", "--python", interpreter]
        subprocess.run([uv, "pip", "install", *options, requirement], check=True)
        yield name, target / "bin"


def timed(command: Sequence[str | Path], cwd: Path) -> float:
    """Return the seconds that a command took; it has to succeed."""
    start = time.perf_counter()
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - start


def bootstrap(folder: Path, programs: dict[str, Path], name: str) -> float:
    """Return the time of a bootstrap into an empty directory."""
    target = folder / f"bootstrap-{name}"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    options = ["--no-sync", "--yes"] if name == "paxx" else []
    return timed([programs[name] / "paxx", "bootstrap", "shop", *options], target)


def add(folder: Path, programs: dict[str, Path], name: str) -> float:
    """Return the time to add redis and metrics; the peer takes one component a command."""
    shop = folder / f"bootstrap-{name}" / "shop"
    if name == "paxx":
        command = [str(programs[name] / "paxx"), "infra", "add", "redis", "metrics", "--no-sync"]
        return timed(command, shop)
    return sum(
        timed([programs[name] / "paxx", "infra", "add", component], shop)
        for component in ("redis", "metrics")
    )


def measure(
    programs: dict[str, Path], folder: Path, rounds: int
) -> dict[str, dict[str, list[float]]]:
    """Return seconds by command and contender, one value a round."""

    def plain(*arguments: str) -> Callable[[str], float]:
        return lambda name: timed([programs[name] / "paxx", *arguments], folder)

    commands: dict[str, Callable[[str], float]] = {
        "--help": plain("--help"),
        "infra list": plain("infra", "list"),
        "bootstrap": lambda name: bootstrap(folder, programs, name),
        "infra add redis metrics": lambda name: add(folder, programs, name),
    }
    results: dict[str, dict[str, list[float]]] = {name: {} for name in commands}
    for _ in range(rounds):
        for label, command in commands.items():
            nothing = timed([programs["paxx"] / "python", "-c", "pass"], folder)
            results[label].setdefault("pass", []).append(nothing)
            for name in programs:
                results[label].setdefault(name, []).append(command(name))
    return results


def row(label: str, rounds: dict[str, list[float]]) -> list[str]:
    """Return a line of the table; the cells of a contender that did not run are empty."""
    times = {name: f"{seconds * 1000:.0f} ms" for name, seconds in medians(rounds).items()}
    compared = f"{ratio(rounds, 'paxx', 'peer'):.2f}" if "peer" in rounds else ""
    cells = [times["paxx"], times.get("peer", ""), times["pass"], compared]
    return [f"`paxx {label}`", *cells, f"≤ {TARGETS[label]}"]


REFERENCE = "python -c 'import click'"
MARGIN = 1.1
CACHEGRIND = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
COUNTED = (
    ("--help",),
    ("infra", "list"),
    ("feature", "create", "books", "title:str", "--no-sync"),
    ("infra", "add", "redis", "metrics", "--no-sync"),
    ("status",),
)
"""The last one runs in the project that the one before it left."""


def instructions(command: Sequence[str], cwd: Path) -> int:
    """Return the instructions of a process in millions; those of its children do not count."""
    known = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [*CACHEGRIND, *command], cwd=cwd, env=known, check=True, capture_output=True, text=True
    )
    found = re.search(r"I +refs: +([\d,]+)", done.stderr)
    if found is None:
        raise RuntimeError(done.stderr)
    return round(int(found[1].replace(",", "")) / 1e6)


def count(folder: Path, program: Path) -> dict[str, int]:
    """Return the instructions of the reference and of each command, in millions."""
    python = str(program / "python")
    paxx = (python, "-m", "paxx")
    options = ("--no-git", "--no-sync", "--yes")
    timed([*paxx, "bootstrap", "shop", *options], folder)
    counted = {REFERENCE: instructions((python, "-c", "import click"), folder)}
    for command in COUNTED:
        warm, shop = (folder / f"{command[-2:]}-{way}" for way in ("warm", "counted"))
        for copy in (warm, shop):
            shutil.copytree(folder / "shop", copy)
        timed([*paxx, *command], warm)  # so that byte code is there
        counted[" ".join(command)] = instructions([*paxx, *command], shop)
        if "add" in command:
            shutil.rmtree(folder / "shop")
            shop.rename(folder / "shop")
    return counted


def excess(counted: dict[str, int], known: dict[str, int]) -> list[str]:
    """Return an error for each command above its limit, a margin and the reference allowed for."""
    scale = counted[REFERENCE] / known[REFERENCE] * MARGIN
    return [
        f"error: `paxx {command}` takes {found:,} million instructions,"
        f" {known[command] * scale:,.0f} are allowed"
        for command, found in counted.items()
        if found > known[command] * scale
    ]


def check_instructions(folder: Path, program: Path) -> None:
    """Count, print the table, and exit with the commands that take too many instructions."""
    if shutil.which("valgrind") is None:
        sys.exit("error: `valgrind` is not on PATH\nhint: install it from your distribution")
    counted, known = count(folder, program), limits.load()["instructions"]
    rows = [
        [f"`{name}`", f"{found:,}", f"{found / counted[REFERENCE]:.2f}", f"{known[name]:,}"]
        for name, found in counted.items()
    ]
    print(render(["command", "million instructions", "of the reference", "recorded"], rows))
    if errors := excess(counted, known):
        hint = (
            "hint: make it cheaper, or raise [instructions] in devtools/limits.toml with the reason"
        )
        sys.exit("\n".join([*errors, hint]))


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument(
        "--python", default=sys.executable, help="for both contenders (default: the running one)"
    )
    parser.add_argument("--instructions", action="store_true", help="count them instead")
    arguments = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        if arguments.instructions:
            check_instructions(folder, next(environments(folder, arguments.python))[1])
            return
        programs = dict(environments(folder, arguments.python))
        results = measure(programs, folder, arguments.rounds)
        heading = ["command", "paxx", PEER, "`python -c pass`", "paxx / peer", "target"]
        print(render(heading, [row(label, rounds) for label, rounds in results.items()]))
        if shutil.which("valgrind"):
            print()
            check_instructions(folder, programs["paxx"])


if __name__ == "__main__":
    main()
