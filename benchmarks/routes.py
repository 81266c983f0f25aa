"""Throughput of a trivial JSON route of a generated project against a bare FastAPI application.

Both have the same route, one uvicorn worker and an access log; wrk loads them in turn in each
round. The project runs with its production settings. The processor time of a request includes
the threads of the server, such as the one that exports spans.
"""

import argparse
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

import servers
from benchmarks import wrk
from benchmarks.table import medians, ratio, render
from tests.e2e.real import App, RealShop, make

BARE = """from fastapi import FastAPI

app = FastAPI()


@app.get("/ping")
async def ping() -> dict[str, str]:
    return {"ping": "pong"}
"""
ROUTED = """from fastapi import APIRouter

import main

router = APIRouter()


@router.get("/ping")
async def ping() -> dict[str, str]:
    return {"ping": "pong"}


app = main.create_app()
app.include_router(router)
"""
BARE_FASTAPI, BARE_PROJECT = "bare FastAPI", "bare project"
UNTRACED, UNSAMPLED, SAMPLED = (
    f"with redis, metrics, tracing {setting}" for setting in ("off", "at 0 %", "at 10 %")
)
TARGETS = {BARE_PROJECT: 1.1, SAMPLED: 0.9}
CONNECTIONS = 32
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "a-secret-for-the-benchmark-alone-0123456789",
}


def prepare(folder: Path, *components: str) -> RealShop:
    """Return a project with the same route as the bare application."""
    folder.mkdir()
    shop = make(folder, *components)
    (shop.root / "pinged.py").write_text(ROUTED)
    (shop.root / "bare.py").write_text(BARE)
    return shop


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    arguments = parser.parse_args()
    wrk.require()
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        plain = prepare(Path(directory) / "plain")
        full = prepare(Path(directory) / "full", "redis", "metrics")
        redis = stack.enter_context(servers.Redis.start())
        collector = stack.enter_context(servers.OtlpReceiver.start())

        def sampled(endpoint: str, share: str) -> dict[str, str]:
            tracing = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_TRACES_SAMPLER_ARG": share}
            return PRODUCTION | {"REDIS_URL": redis.url} | tracing

        endpoint = collector.grpc_endpoint
        contenders = {
            BARE_FASTAPI: plain.serve(app="bare:app"),
            BARE_PROJECT: plain.serve(app="pinged:app", env=PRODUCTION),
            UNTRACED: full.serve(app="pinged:app", env=sampled("", "0")),
            UNSAMPLED: full.serve(app="pinged:app", env=sampled(endpoint, "0")),
            SAMPLED: full.serve(app="pinged:app", env=sampled(endpoint, "0.1")),
        }
        apps = {name: stack.enter_context(each) for name, each in contenders.items()}
        rates: dict[str, list[float]] = {name: [] for name in apps}
        costs: dict[str, list[float]] = {name: [] for name in apps}
        for _ in range(arguments.rounds):
            for name, app in apps.items():
                before = processor_seconds(app)
                rate = wrk.rate(f"{app.url}/ping", arguments.seconds, CONNECTIONS)
                rates[name].append(rate)
                costs[name].append((processor_seconds(app) - before) / (rate * arguments.seconds))
    of_requests = medians(costs)
    rows = [
        [
            name,
            f"{value:.0f}",
            f"{ratio(rates, name, BARE_FASTAPI):.2f}",
            _target(name),
            f"{of_requests[name] * 1e6:.0f}",
        ]
        for name, value in medians(rates).items()
    ]
    heading = ["application", "requests/s", "of bare FastAPI", "target", "CPU, µs per request"]
    print(render(heading, rows))
    print(f"\nCPU, tracing at 0 % of tracing off: {ratio(costs, UNSAMPLED, UNTRACED):.2f} (≤ 1.03)")


def processor_seconds(app: App) -> float:
    """Return the processor time that a server has used, its own and the kernel's for it."""
    fields = Path(f"/proc/{app.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _target(name: str) -> str:
    return f"≥ {TARGETS[name]:.2f}" if name in TARGETS else ""


if __name__ == "__main__":
    main()
