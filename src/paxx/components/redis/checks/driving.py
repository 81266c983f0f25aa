"""Ways to use the cache: an application, another process, a client of a URL."""

import asyncio
import os
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

import core._redis.client
import core.cache
import core.health
import servers
from core._redis.client import connect
from core.cache import cached
from main import create_app

CALL_TIMEOUT = 60.0  # seconds; how long a busy machine takes is not what most checks are about
PATIENT = f"""
import core.cache, core._redis.client
core._redis.client.CONNECT_TIMEOUT = core._redis.client.CALL_TIMEOUT = {CALL_TIMEOUT}
core.cache.CALL_TIMEOUT = {CALL_TIMEOUT}
"""


def set_timeouts(call_timeout: float = CALL_TIMEOUT) -> None:
    """Let connections, calls and readiness checks of this process take so long."""
    core._redis.client.CONNECT_TIMEOUT = core.health.CHECK_TIMEOUT = call_timeout
    core._redis.client.CALL_TIMEOUT = core.cache.CALL_TIMEOUT = call_timeout


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Run the application's lifespan and give a client of it."""
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client


async def is_ready(client: AsyncClient) -> bool:
    """Ask the readiness check of Redis; other components may be without their servers."""
    result: str = (await client.get("/ready")).json()["checks"]["redis"]
    return result == "ok"


def counting_app() -> tuple[FastAPI, list[int]]:
    """Return an application with a cached route, and a list that grows when it is run."""
    app, calls = create_app(), []

    @app.get("/counted")
    @cached(expire=60)
    async def counted() -> dict[str, int]:
        calls.append(1)
        return {"calls": len(calls)}

    return app, calls


async def connections(server: servers.Redis) -> int:
    """Return how many clients the server counts, the one that asks left out."""
    async with _observed(server) as observer:
        return await observer()


async def most_connections(server: servers.Redis, calls: "asyncio.Future[Any]") -> int:
    """Return the highest number of clients until the calls end, the one that asks left out."""
    most = 0
    async with _observed(server) as observer:
        while not calls.done():
            most = max(most, await observer())
    return most


async def until_disconnected(server: servers.Redis) -> None:
    """Return when the server counts no client but the one that asks."""
    async with asyncio.timeout(CALL_TIMEOUT), _observed(server) as observer:
        while await observer():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def _observed(server: servers.Redis) -> AsyncIterator[Callable[[], Awaitable[int]]]:
    # One connection for all questions: the server counts a closed one for a moment longer.
    observer = connect(server.url)

    async def others() -> int:
        return len(await observer.client_list()) - 1

    try:
        yield others
    finally:
        await observer.disconnect()


async def answers(url: str) -> bool:
    """Say if what a URL names answers; raises what a client of it raises."""
    client = connect(url)
    try:
        return bool(await client.ping())
    finally:
        await client.disconnect()


def spawn(script: str, url: str, *options: str, **pipes: int) -> subprocess.Popen[bytes]:
    """Run a script in the project as a process of its own, with the timeouts of these checks."""
    env = os.environ | {"REDIS_URL": url, "PYTHONPATH": "."}
    command = [sys.executable, *options, "-c", PATIENT + textwrap.dedent(script)]
    return subprocess.Popen(command, env=env, **pipes)
