"""One loader for all who miss, in all processes."""

import asyncio
import signal

import pytest
from checks.redis.driving import CALL_TIMEOUT, set_timeouts, spawn

import core._redis.client
import core.cache
import servers
from core.cache import cache_get_or_set, cache_set, get_redis
from settings import settings

WORKER = """
    import asyncio

    from core.cache import cache_get_or_set, get_redis

    async def load():
        redis = await get_redis()
        await redis.incr("loads")
        await asyncio.sleep(0.3)
        return "value"

    async def main():
        results = await asyncio.gather(*(cache_get_or_set("report", load) for _ in range(50)))
        assert results == ["value"] * 50

    asyncio.run(main())
"""


async def test_one_load_for_a_hundred_misses_over_two_processes(server: servers.Redis) -> None:
    workers = [spawn(WORKER, server.url) for _ in range(2)]
    assert [await asyncio.to_thread(each.wait, CALL_TIMEOUT) for each in workers] == [0, 0]
    client = await get_redis()
    assert int(await client.get("loads")) == 1


async def test_a_load_waits_for_the_lock_of_another_process() -> None:
    client = await get_redis()
    lock = f"{settings.redis_key_prefix}report:lock"
    await client.set(lock, "somebody else", px=10_000)

    async def load() -> str:
        return "loaded here"

    waiting = asyncio.ensure_future(cache_get_or_set("report", load))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await cache_set("report", "loaded there")
    await client.delete(lock)
    assert await waiting == "loaded there"


STUCK = """
    import asyncio
    from core.cache import cache_get_or_set

    async def load():
        print("loading", flush=True)
        await asyncio.sleep(60)

    asyncio.run(cache_get_or_set("stuck", load))
"""


async def test_a_lock_whose_owner_was_killed_blocks_no_longer_than_stated(
    server: servers.Redis,
) -> None:
    owner = spawn(STUCK, server.url)
    client = await get_redis()
    lock = f"{settings.redis_key_prefix}stuck:lock"
    async with asyncio.timeout(CALL_TIMEOUT):
        while not await client.exists(lock):
            await asyncio.sleep(0.02)
    owner.send_signal(signal.SIGKILL)
    owner.wait()

    async def load() -> str:
        return "loaded"

    async with asyncio.timeout(core.cache.LOCK_EXPIRY + 20):  # for a busy machine
        assert await cache_get_or_set("stuck", load) == "loaded"


async def test_a_lock_is_released_by_its_owner_alone() -> None:
    client = await get_redis()
    lock = f"{settings.redis_key_prefix}slow:lock"

    async def load() -> str:
        await client.set(lock, "somebody else")
        return "loaded"

    assert await cache_get_or_set("slow", load) == "loaded"
    assert await client.get(lock) == b"somebody else"


async def test_those_who_wait_hold_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core._redis.client, "MAX_CONNECTIONS", 2)
    set_timeouts(2.5)  # less than the locks hold
    client = await get_redis()
    names = [f"busy{number}" for number in range(40)]
    for name in names:
        await client.set(f"{settings.redis_key_prefix}{name}:lock", "somebody else", px=3_000)

    async def load() -> str:
        return "loaded"

    waiting = asyncio.gather(*(cache_get_or_set(name, load) for name in names))
    await asyncio.sleep(0.1)
    assert await cache_set("key", 1)  # within CALL_TIMEOUT, or it would be lost
    assert not waiting.done()
    assert await waiting == ["loaded"] * 40


async def test_who_gives_up_does_not_take_the_load_away_from_others() -> None:
    async def load() -> str:
        await asyncio.sleep(0.2)
        return "loaded"

    first = asyncio.ensure_future(cache_get_or_set("report", load))
    await asyncio.sleep(0.05)
    second = asyncio.ensure_future(cache_get_or_set("report", load))
    await asyncio.sleep(0.05)
    first.cancel()
    assert await second == "loaded"
    assert first.cancelled()
