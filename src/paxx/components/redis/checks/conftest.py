"""Fixtures: a server for each module, empty and known to be there when a test begins."""

from collections.abc import AsyncIterator, Iterator

import pytest
from checks.redis.driving import set_timeouts

import core.cache
import core.health
import core.redis
import servers
from core.cache import get_redis
from core.outages import outages
from core.redis import close_redis
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
        (core.redis, "CONNECT_TIMEOUT"),
        (core.redis, "CALL_TIMEOUT"),
        (core.cache, "CALL_TIMEOUT"),
    ]:
        monkeypatch.setattr(module, name, getattr(module, name))
    set_timeouts()
    outages.is_away = False
    outages.next_told.clear()
    yield
    settings.redis_url = server.url
    await close_redis()
    await (await get_redis()).flushdb()
    await close_redis()
    outages.is_away = False
