"""Time that the metrics middleware adds to a request, against prometheus-fastapi-instrumentator.

Calls of the application in one process, without a socket, in interleaved rounds: the table has
the median over rounds, and of the difference to the plain application in the same round. The
peer is installed into the environment of the measured project alone.
"""

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.table import render
from tests.e2e.real import make, run, uv

PEER = "prometheus-fastapi-instrumentator"
TARGET = 20.0  # microseconds
MEASURED = Path(__file__).with_name("measured_middleware.py")


def measure(rounds: int, calls: int) -> dict[str, list[float]]:
    """Return the microseconds per request of each contender in each round."""
    with tempfile.TemporaryDirectory() as directory:
        shop = make(Path(directory), "metrics")
        python = shop.root / ".venv" / "bin" / "python"
        run(uv(), "pip", "install", "--quiet", "--python", str(python), PEER, cwd=shop.root)
        command = [str(python), str(MEASURED), str(rounds), str(calls)]
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONHOME"}
        printed = subprocess.run(
            command,
            cwd=shop.root,
            env=environment | {"PYTHONPATH": str(shop.root), "OTEL_SDK_DISABLED": "true"},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
    measured: dict[str, list[float]] = json.loads(printed)
    return measured


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--calls", type=int, default=2000)
    arguments = parser.parse_args()
    measured = measure(arguments.rounds, arguments.calls)
    plain = measured["plain FastAPI"]
    added = {
        name: median(value - base for value, base in zip(values, plain, strict=True))
        for name, values in measured.items()
    }
    rows = [
        [
            name,
            f"{median(values):.1f}",
            "" if values is plain else f"{added[name]:.1f}",
            f"≤ {TARGET:.0f} and less than {PEER}" if name == "core.metrics" else "",
        ]
        for name, values in measured.items()
    ]
    print(render(["application", "µs per request", "µs added", "target"], rows))


if __name__ == "__main__":
    main()
