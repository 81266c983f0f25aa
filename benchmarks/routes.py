"""Throughput of a trivial JSON route of a generated project against a bare FastAPI application.

Both have the same route, one uvicorn worker and the access log on, as uvicorn starts them; wrk
loads them in turn in each round. The project runs with its production settings.
"""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

import servers
from benchmarks import wrk
from benchmarks.table import medians, ratio, render
from tests.e2e.real import RealShop, make

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
TARGETS = {"bare project": 0.85, "with redis, metrics, tracing at 10 %": 0.70}
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
        traced = PRODUCTION | {
            "REDIS_URL": redis.url,
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.grpc_endpoint,
            "OTEL_TRACES_SAMPLER_ARG": "0.1",
        }
        contenders = {
            "bare FastAPI": plain.serve(app="bare:app"),
            "bare project": plain.serve(app="pinged:app", env=PRODUCTION),
            "with redis, metrics, tracing at 10 %": full.serve(app="pinged:app", env=traced),
        }
        urls = {name: stack.enter_context(each).url for name, each in contenders.items()}
        rounds: dict[str, list[float]] = {name: [] for name in urls}
        for _ in range(arguments.rounds):
            for name, url in urls.items():
                rounds[name].append(wrk.rate(f"{url}/ping", arguments.seconds, CONNECTIONS))
    rows = [
        [name, f"{value:.0f}", f"{ratio(rounds, name, 'bare FastAPI'):.2f}", _target(name)]
        for name, value in medians(rounds).items()
    ]
    print(render(["application", "requests/s", "of bare FastAPI", "target"], rows))


def _target(name: str) -> str:
    return f"≥ {TARGETS[name]:.2f}" if name in TARGETS else ""


if __name__ == "__main__":
    main()
