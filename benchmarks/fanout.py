"""Fan-out to WebSocket clients against a loop of `send_text` and against broadcaster.

In one process, and in two over Redis; then the p99 of delays with 1 % of the clients stalled.
"""

import argparse
import json
import os
import resource
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import servers
from benchmarks.table import medians, ratio, render
from tests.e2e.real import REPOSITORY, RealShop, clean_environment, make, run, uv

CASES = ((200, 100), (200, 1024), (1000, 100), (1000, 1024))  # clients, characters
DELIVERIES = 20_000  # in one round of one contender
FILES = 20_000


@contextmanager
def served(shop: RealShop, redis: str) -> Iterator[int]:
    """Run the application until the block ends."""
    port = servers.free_port()
    command = [
        str(shop.root / ".venv" / "bin" / "python"),
        "-m",
        "uvicorn",
        "fanout_server_worker:app",
    ]
    settings = {
        "PYTHONPATH": f"{REPOSITORY / 'benchmarks'}{os.pathsep}{shop.root}",
        "BENCHMARK_REDIS": redis,
        "WS_REDIS_URL": redis,
        "WS_HEARTBEAT_INTERVAL": "0",
    }
    quiet = ("--log-level", "error", "--no-access-log", "--ws-per-message-deflate", "false")
    no_pings = ("--ws-ping-interval", "3600")  # our clients answer none
    process = subprocess.Popen(
        [*command, "--port", str(port), *quiet, *no_pings],
        cwd=shop.root,
        env=clean_environment() | settings,
    )
    try:
        _wait(process, port)
        yield port
    finally:
        process.kill()
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    while process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/openapi.json", timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the application did not start")


def measure(shop: RealShop, ports: list[int], case: tuple[int, int], rounds: int) -> list[str]:
    """Return a row of the table."""
    clients, size = case
    worker = str(REPOSITORY / "benchmarks" / "fanout_worker.py")
    numbers = (clients, size, DELIVERIES // clients, rounds)
    where = ",".join(map(str, ports))
    printed = shop.tool("python", worker, where, *map(str, numbers))
    results = json.loads(printed.splitlines()[-1])
    middle = medians(results)
    return [
        str(len(ports)),
        str(clients),
        str(size),
        *(f"{middle[name]:.0f}" for name in ("paxx", "loop", "broadcaster")),
        f"{ratio(results, 'paxx', 'loop'):.2f}",
        f"{ratio(results, 'paxx', 'broadcaster'):.2f}",
        f"{middle['p99']:.1f} ms",
        f"{ratio(results, 'p99 stalled', 'p99'):.2f}",
    ]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    rows = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        shop = make(Path(folder), "websocket")
        python = str(shop.root / ".venv" / "bin" / "python")
        # With newer releases of redis-py the listener of broadcaster 0.3.1 ends.
        wanted = ("redis<6", "broadcaster")
        run(uv(), "pip", "install", "--quiet", "--python", python, *wanted, cwd=shop.root)
        redis = stack.enter_context(servers.Redis.start())
        for url, processes in (("", 1), (redis.url, 2)):
            with ExitStack() as running:
                ports = [running.enter_context(served(shop, url)) for _ in range(processes)]
                rows += [measure(shop, ports, case, arguments.rounds) for case in CASES]
    heading = ["processes", "clients", "characters", "paxx, messages/s", "loop", "broadcaster"]
    targets = ["of the loop (≥ 0.70)", "of broadcaster", "p99", "p99, 1 % stalled (≤ 1.2)"]
    print(render([*heading, *targets], rows))


if __name__ == "__main__":
    main()
