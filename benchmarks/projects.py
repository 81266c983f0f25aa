"""`infra add` and `remove` of six components in big projects, and what the journal costs.

Whole processes of this checkout's paxx, in turn in each round; a ratio is the median over rounds.
The journal is measured in one process: the same plan applied with it, and written plainly.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.table import medians, ratio, render
from paxx import apply, catalog, project
from paxx.changes import Plan
from paxx.plan import addition

PAXX = str(Path(sys.executable).with_name("paxx"))
TARGET = 1.5
COMMANDS = ("add", "remove")
MODULE = """import os


def function_{0}(value: int) -> str:
    return f"{{value}}{{os.sep}}"
"""


def bootstrap(folder: Path) -> Path:
    """Return a fresh project."""
    where = ["--output-dir", str(folder), "--no-git", "--no-sync", "--yes"]
    subprocess.run([PAXX, "bootstrap", "shop", *where], check=True, capture_output=True)
    return folder / "shop"


def with_many_files(shop: Path) -> None:
    """Write 2,000 Python files below `features/`."""
    for number in range(2000):
        folder = shop / "features" / f"domain_{number % 100}"
        folder.mkdir(exist_ok=True)
        (folder / f"module_{number}.py").write_text(MODULE.format(number))


def with_long_settings(shop: Path) -> None:
    """Make `settings.py` 10,000 lines long: fields with comments, as they are in blocks."""
    path = shop / "settings.py"
    text = path.read_text()
    missing = 10_000 - text.count("\n")
    fields = "".join(
        f"    # Field {number}\n    field_{number}: str = 'value {number}'\n"
        for number in range(missing // 2)
    )
    path.write_text(text.replace("    # Database\n", fields + "    # Database\n", 1))


def added_and_removed(shop: Path, names: tuple[str, ...]) -> Iterator[float]:
    """Yield the seconds that `infra add` and `infra remove` take in a copy of the project."""
    copy = shop.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(shop, copy)
    for command in COMMANDS:
        start = time.perf_counter()
        arguments = [PAXX, "infra", command, *names, "--no-sync"]
        subprocess.run(arguments, cwd=copy, check=True, capture_output=True)
        yield time.perf_counter() - start


def applied(shop: Path, names: tuple[str, ...], *, journal: bool) -> float:
    """Return the seconds that writing the plan takes, with the journal or file by file."""
    copy = shop.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(shop, copy)
    components = [catalog.load(name) for name in names]
    planned = addition.build(project.load(copy), components, catalog.load_all())
    start = time.perf_counter()
    if journal:
        apply.commit(planned)
    else:
        write_plainly(planned)
    return time.perf_counter() - start


def write_plainly(planned: Plan) -> None:
    """Write the files as a program does that may leave half of them."""
    for change in planned.changes:
        path = planned.root / change.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(change.after or b"")


def main() -> None:
    """Measure and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    names = catalog.names()
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        shops: dict[str, Path] = {}
        for name in ("fresh", "2,000 files", "10,000-line settings.py"):
            (folder / name).mkdir()
            shops[name] = bootstrap(folder / name)
        with_many_files(shops["2,000 files"])
        with_long_settings(shops["10,000-line settings.py"])
        times: dict[str, dict[str, list[float]]] = {
            command: {name: [] for name in shops} for command in COMMANDS
        }
        writing: dict[str, list[float]] = {"journal": [], "plain": []}
        for _ in range(rounds):
            for name, shop in shops.items():
                for command, seconds in zip(COMMANDS, added_and_removed(shop, names), strict=True):
                    times[command][name].append(seconds)
            writing["journal"].append(applied(shops["fresh"], names, journal=True))
            writing["plain"].append(applied(shops["fresh"], names, journal=False))
    rows = []
    for command, taken in times.items():
        middle = medians(taken)
        rows += [
            [
                f"`infra {command}`, {name}",
                f"{middle[name] * 1000:.0f} ms",
                f"{ratio(taken, name, 'fresh'):.2f}",
                f"≤ {TARGET}",
            ]
            for name in taken
        ]
    print(render(["all six in a project", "time", "of fresh", "target"], rows))
    middle = medians(writing)
    overhead = middle["journal"] - middle["plain"]
    print(
        f"\nWriting the plan: {middle['plain'] * 1000:.1f} ms file by file,"
        f" {middle['journal'] * 1000:.1f} ms with journal, temporary files and fsync"
        f" (+{overhead * 1000:.1f} ms)"
    )


if __name__ == "__main__":
    main()
