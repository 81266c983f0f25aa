"""The cache functions against redis-py with `json`, as written by hand, and against cashews.

Runs in an environment of a generated project, with redis-py 5.3 and with the newest release.
"""

import argparse
import json
import tempfile
from pathlib import Path

import servers
from benchmarks.table import medians, ratio, render
from tests.e2e.real import REPOSITORY, RealShop, make, run, uv

VERSIONS = ("redis>=5.3,<5.4", "redis>=6")


def measure(shop: RealShop, requirement: str, rounds: int, seconds: float) -> list[list[str]]:
    """Return the rows for one release of redis-py."""
    python = str(shop.root / ".venv" / "bin" / "python")
    wanted = (requirement, "cashews")
    run(uv(), "pip", "install", "--quiet", "--upgrade", "--python", python, *wanted, cwd=shop.root)
    release = shop.tool("python", "-c", "import redis; print(redis.__version__)").strip()
    with servers.Redis.start() as redis:
        env = {"REDIS_URL": redis.url, "PYTHONPATH": str(shop.root)}
        worker = str(REPOSITORY / "benchmarks" / "cache_worker.py")
        printed = shop.tool("python", worker, str(rounds), str(seconds), env=env)
    rows = []
    for label, results in json.loads(printed.splitlines()[-1]).items():
        middle = medians(results)
        rows.append(
            [
                release,
                label,
                *(f"{middle[name]:.0f}" for name in ("paxx", "redis-py", "cashews")),
                f"{ratio(results, 'paxx', 'redis-py'):.2f}",
                f"{ratio(results, 'paxx', 'cashews'):.2f}",
            ]
        )
    return rows


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shop = make(Path(folder), "redis")
        rows = [
            row
            for requirement in VERSIONS
            for row in measure(shop, requirement, arguments.rounds, arguments.seconds)
        ]
    heading = ["redis-py", "operation", "paxx, op/s", "redis-py + json", "cashews"]
    print(render([*heading, "of redis-py (≥ 0.85)", "of cashews (≥ 1.0)"], rows))


if __name__ == "__main__":
    main()
