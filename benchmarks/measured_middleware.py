"""The measured half of `metrics_middleware`: runs with the project's own interpreter.

Prints, as JSON, the microseconds per request of each application in each round.
"""

import asyncio
import importlib
import json
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter
from typing import Any

Message = MutableMapping[str, Any]
Application = Callable[[Message, Any, Any], Awaitable[None]]

SCOPE: Message = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/things/7",
    "raw_path": b"/things/7",
    "query_string": b"",
    "root_path": "",
    "headers": [(b"host", b"test")],
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 80),
}


def contenders() -> dict[str, Application]:
    """Return the same application plain, with our middleware, and with the peer's."""
    fastapi = importlib.import_module("fastapi")
    metrics = importlib.import_module("core.metrics")
    peer = importlib.import_module("prometheus_fastapi_instrumentator")

    async def read(thing: int) -> dict[str, int]:
        return {"thing": thing}

    def application() -> Any:
        app = fastapi.FastAPI()
        app.add_api_route("/things/{thing}", read)
        return app

    plain, ours, theirs = application(), application(), application()
    ours.add_middleware(metrics.middleware)
    options = {"should_instrument_requests_inprogress": True}
    peer.Instrumentator(should_group_status_codes=False, **options).instrument(theirs)
    return {
        "plain FastAPI": plain,
        "core.metrics": ours,
        "prometheus-fastapi-instrumentator": theirs,
    }


async def receive() -> Message:
    """Return an empty body."""
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message: Message) -> None:
    """Take a message of the answer; an error ends the measurement."""
    if message["type"] == "http.response.start" and message["status"] != 200:
        raise RuntimeError(message)


async def time_of(app: Application, calls: int) -> float:
    """Return the microseconds per request."""
    start = perf_counter()
    for _ in range(calls):
        await app(dict(SCOPE), receive, send)
    return (perf_counter() - start) / calls * 1e6


async def measure(rounds: int, calls: int) -> dict[str, list[float]]:
    """Return all rounds; each has all contenders, the first round is thrown away."""
    applications = contenders()
    measured: dict[str, list[float]] = {name: [] for name in applications}
    for number in range(rounds + 1):
        for name, app in applications.items():
            microseconds = await time_of(app, calls)
            if number:
                measured[name].append(microseconds)
    return measured


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(int(sys.argv[1]), int(sys.argv[2])))))
