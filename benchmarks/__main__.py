"""Run benchmarks and print their tables."""

import argparse
import subprocess
import sys
from pathlib import Path

NAMES = (
    *("commands", "completion", "projects", "features", "routes", "cache", "metrics_middleware"),
    *("geo", "fanout", "jobs", "storage"),
)


def main() -> None:
    """Run the benchmarks one after the other, each in a process of its own."""
    parser = argparse.ArgumentParser(prog="python3 dev.py bench", description=__doc__)
    known = ", ".join(NAMES)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{known} (default: all of them)")
    names = parser.parse_args().names or NAMES
    for unknown in set(names) - set(NAMES):
        parser.error(f"unknown benchmark `{unknown}`; known: {known}")
    root = Path(__file__).parent.parent
    for name in names:
        print(f"\n## {name}\n", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}"]
        if code := subprocess.run(command, cwd=root, check=False).returncode:
            sys.exit(code)


if __name__ == "__main__":
    main()
