"""Fixtures: a Redis server that a test may kill, and workers of it as real processes."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

import core.arq
import servers
from settings import settings

sys.path.insert(0, str(Path(__file__).parent))

from working import PATIENCE, QUEUE, Workers


@pytest.fixture
def server() -> Iterator[servers.Redis]:
    """Return a Redis server that a test may kill."""
    with servers.Redis.start() as redis:
        yield redis


@pytest.fixture
async def workers(
    server: servers.Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Workers]:
    """Return what starts workers; this process enqueues into the same Redis."""
    url = server.url.replace("/0", "/5")
    monkeypatch.setattr(settings, "arq_redis_url", url)
    monkeypatch.setattr(core.arq, "CONNECT_TIMEOUT", PATIENCE)
    monkeypatch.setattr(core.arq, "CALL_TIMEOUT", PATIENCE)
    await core.arq.close()
    started = Workers(url, tmp_path, QUEUE)
    yield started
    await asyncio.to_thread(started.close)
    await core.arq.close()
