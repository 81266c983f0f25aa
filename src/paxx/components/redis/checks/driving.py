"""Ways to use the cache: an application, another process, a client of a URL."""

import os
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

import servers
from core.cache import cached
from core.redis import connect
from main import create_app


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Run the application's lifespan and give a client of it."""
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client


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
    probe = connect(server.url)
    try:
        return len(await probe.client_list()) - 1
    finally:
        await probe.disconnect()


async def answers(url: str) -> bool:
    """Say if what a URL names answers; raises what a client of it raises."""
    client = connect(url)
    try:
        return bool(await client.ping())
    finally:
        await client.disconnect()


def spawn(script: str, url: str, *options: str, **pipes: int) -> subprocess.Popen[bytes]:
    """Run a script in the project as a process of its own."""
    env = os.environ | {"REDIS_URL": url, "PYTHONPATH": "."}
    command = [sys.executable, *options, "-c", textwrap.dedent(script)]
    return subprocess.Popen(command, env=env, **pipes)
