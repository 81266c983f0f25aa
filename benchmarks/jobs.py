"""The task queue against bare arq: enqueueing, jobs that wait, jobs that do nothing.

Bare arq enqueues as its documentation shows. Its worker runs with its defaults, and tuned by hand:
as many jobs at a time, the same poll delay, pickle.
"""

import argparse
import json
import tempfile
from pathlib import Path

import servers
from benchmarks.table import medians, ratio, render
from tests.e2e.real import REPOSITORY, make

LABELS = {
    "enqueue": "enqueue, jobs/s, 100 at a time",
    "wait": "run jobs of 50 ms, jobs/s",
    "nothing": "run jobs that do nothing, jobs/s",
}
TARGETS = {"enqueue": "≥ 1.4", "wait": "≥ 4 (of its defaults)", "nothing": "≥ 0.90"}
REFERENCES = {"enqueue": "arq", "wait": "arq by default", "nothing": "arq tuned"}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, servers.Redis.start() as redis:
        shop = make(Path(folder), "arq")
        env = {"ARQ_REDIS_URL": redis.url, "PYTHONPATH": str(shop.root), "LOG_LEVEL": "ERROR"}
        worker = str(REPOSITORY / "benchmarks" / "jobs_worker.py")
        printed = shop.tool("python", worker, str(arguments.rounds), env=env)
    rows = []
    for kind, results in json.loads(printed.splitlines()[-1]).items():
        middle, reference = medians(results), REFERENCES[kind]
        rows.append(
            [
                LABELS[kind],
                *(f"{middle[name]:.0f}" if name in middle else "" for name in ("paxx", reference)),
                reference,
                f"{ratio(results, 'paxx', reference):.2f}",
                TARGETS[kind],
            ]
        )
    print(render(["operation", "paxx", "reference", "which is", "ratio", "target"], rows))


if __name__ == "__main__":
    main()
