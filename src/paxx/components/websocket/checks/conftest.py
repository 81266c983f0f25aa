"""Fixtures: applications under uvicorn, alone and as two instances over one Redis."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from checks.websocket.serving import Serve, Shop, served

import servers


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Return a function that runs the application until the test ends."""
    with ExitStack() as stack:
        yield lambda *options, **environment: stack.enter_context(
            served(tmp_path, *options, **environment)
        )


@pytest.fixture
def redis() -> Iterator[servers.Redis]:
    """Return a server that a test may stop and kill."""
    with servers.Redis.start() as started:
        yield started


@pytest.fixture
async def pair(serve: Serve, redis: servers.Redis) -> tuple[Shop, Shop]:
    """Return two instances that know each other."""
    both = serve(WS_REDIS_URL=redis.url), serve(WS_REDIS_URL=redis.url)
    for shop in both:
        await shop.until(live=True)
    return both
