"""Run every benchmark and print its table: `python -m benchmarks [NAME…]`."""

import os
import subprocess
import sys
from pathlib import Path

NAMES = (
    *("commands", "completion", "projects", "features", "routes", "cache", "metrics_middleware"),
    *("geo", "fanout", "jobs", "storage"),
)


def main() -> None:
    """Run the benchmarks one after the other, each in a process of its own."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what a user runs is compiled already
    for name in sys.argv[1:] or NAMES:
        print(f"\n## {name}\n", flush=True)
        root = Path(__file__).parent.parent
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=root, check=True)


if __name__ == "__main__":
    main()
