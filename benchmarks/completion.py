"""A key press in a shell: whole processes that answer it, against `python -c pass`, in turn."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.table import medians, ratio, render

PAXX = str(Path(sys.executable).with_name("paxx"))
TARGET = 0.150  # seconds
PRESSES = {
    "a command": "paxx in",
    "an option": "paxx infra add --d",
    "a component": "paxx infra add re",
    "a type": "paxx feature create books title:s",
    "a revision": "paxx db upgrade he",
}


def pressed(line: str, directory: Path) -> float:
    """Return the seconds until the completions of a line are there."""
    asked = {
        "_PAXX_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split()) - 1),
    }
    return timed([PAXX], directory, asked)


def timed(command: list[str], directory: Path, env: dict[str, str]) -> float:
    """Return the seconds that a command took; it has to print something, if it is asked."""
    start = time.perf_counter()
    result = subprocess.run(
        command, cwd=directory, env={**os.environ, **env}, capture_output=True, check=False
    )
    taken = time.perf_counter() - start
    if env and not result.stdout:
        raise RuntimeError(f"{command} completed nothing")
    return taken


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds
    times: dict[str, list[float]] = {name: [] for name in ("python -c pass", *PRESSES)}
    with tempfile.TemporaryDirectory() as directory:
        options = ["--output-dir", directory, "--no-git", "--no-sync", "--yes"]
        subprocess.run([PAXX, "bootstrap", "shop", *options], check=True, capture_output=True)
        shop = Path(directory) / "shop"
        for _ in range(rounds):
            times["python -c pass"].append(timed([sys.executable, "-c", "pass"], shop, {}))
            for name, line in PRESSES.items():
                times[name].append(pressed(line, shop))
    middle = medians(times)
    rows = [
        [name, f"{middle[name] * 1000:.0f} ms", f"{ratio(times, name, 'python -c pass'):.1f}"]
        for name in times
    ]
    print(render(["completed", f"time (≤ {TARGET * 1000:.0f} ms)", "of `python -c pass`"], rows))


if __name__ == "__main__":
    main()
