"""The queries of the postgis component on a million places, against hand-written SQL.

Runs in an environment of a generated project; both go through the same connection in turns and
have to find the same. The difference is what SQLAlchemy takes to build an expression and to look
up its compiled form, which does not depend on what is asked: short queries show it, long ones the
SQL itself.
"""

import argparse
import json
import tempfile
from pathlib import Path

import servers
from benchmarks.table import medians, ratio, render
from tests.e2e.real import REPOSITORY, make


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, servers.Postgres.start(postgis=True) as postgres:
        shop = make(Path(folder), "postgis")
        env = {"DATABASE_URL": postgres.url, "PYTHONPATH": str(shop.root)}
        worker = str(REPOSITORY / "benchmarks" / "geo_worker.py")
        printed = shop.tool("python", worker, str(arguments.rounds), env=env)
    rows = []
    for label, results in json.loads(printed.splitlines()[-1]).items():
        middle = medians(results)
        rows.append(
            [
                label,
                *(f"{middle[name]:.2f}" for name in ("paxx", "by hand")),
                f"{middle['paxx'] - middle['by hand']:.2f}",
                f"{ratio(results, 'paxx', 'by hand'):.3f}",
            ]
        )
    heading = ["query", "paxx, ms", "hand-written, ms", "added, ms", "of hand-written (≤ 1.05)"]
    print(render(heading, rows))


if __name__ == "__main__":
    main()
