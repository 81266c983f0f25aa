"""Fixtures: a server for each module, empty and known to be there when a test begins."""

from collections.abc import AsyncIterator, Iterator

import pytest
from checks.redis.driving import set_timeouts

import core._redis.client
import core.cache
import core.health
import servers
from core._redis.circuit_breaker import breaker
from core._redis.client import close_redis
from core.cache import get_redis
from settings import settings


@pytest.fixture(scope="module")
def server() -> Iterator[servers.Redis]:
    """Return a server; a test that stops it starts it again."""
    with servers.Redis.start() as started:
        yield started


@pytest.fixture(autouse=True)
async def _use(server: servers.Redis, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setattr(settings, "redis_url", server.url)
    for module, name in [
        (core.health, "CHECK_TIMEOUT"),
        (core._redis.client, "CONNECT_TIMEOUT"),
        (core._redis.client, "CALL_TIMEOUT"),
        (core.cache, "CALL_TIMEOUT"),
    ]:
        monkeypatch.setattr(module, name, getattr(module, name))
    set_timeouts()
    breaker.is_open = False
    breaker.next_warning.clear()
    yield
    settings.redis_url = server.url
    await close_redis()
    await (await get_redis()).flushdb()
    await close_redis()
    breaker.is_open = False
