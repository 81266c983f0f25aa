"""The storage against aiofiles in a folder, and against a raw, reused client on a real S3.

Also the memory that a GiB takes up and down. Runs in an environment of a generated project.
An atomic write of 64 MiB is slower than one that truncates also without any Python: the file system
seems to write the blocks when a file is renamed over another.
"""

import argparse
import json
import tempfile
from pathlib import Path

import servers
from benchmarks.table import medians, ratio, render
from tests.e2e.real import REPOSITORY, RealShop, make

WORKER = REPOSITORY / "benchmarks" / "storage_worker.py"


def measure(shop: RealShop, environment: dict[str, str], arguments: list[str]) -> list[list[str]]:
    """Return the rows of one backend."""
    env = environment | {"PYTHONPATH": str(shop.root)}
    printed = shop.tool("python", str(WORKER), *arguments, env=env)
    rows = []
    for label, results in json.loads(printed.splitlines()[-1]).items():
        middle = medians(results)
        rows.append(
            [
                environment["STORAGE_BACKEND"],
                label,
                *(f"{middle[name]:.1f}" for name in ("paxx", "reference")),
                f"{ratio(results, 'paxx', 'reference'):.2f}",
            ]
        )
    return rows


def growth(shop: RealShop, environment: dict[str, str]) -> str:
    """Return by how much a process grows that moves a GiB up and down."""
    env = environment | {"PYTHONPATH": str(shop.root)}
    return shop.tool("python", str(WORKER), "--memory", env=env).splitlines()[-1]


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.3)
    arguments = parser.parse_args()
    options = [str(arguments.rounds), str(arguments.seconds)]
    with tempfile.TemporaryDirectory() as folder, servers.S3.start() as s3:
        shop = make(Path(folder), "storage")
        local = {"STORAGE_BACKEND": "local", "STORAGE_LOCAL_PATH": f"{folder}/uploads"}
        rows = measure(shop, local, options) + measure(shop, s3.settings, options)
        heading = ["backend", "operation", "paxx, op/s", "aiofiles or raw client", "ratio"]
        print(render([*heading[:4], "ratio (local ≥ 1.0, s3 ≥ 0.95)"], rows))
        memory = [[each["STORAGE_BACKEND"], growth(shop, each)] for each in (local, s3.settings)]
        print("\n" + render(["backend", "growth for 1 GiB up and down, MiB (< 64)"], memory))


if __name__ == "__main__":
    main()
