"""The cache on a real server that is filled, stopped, frozen and restarted."""

import asyncio
import gc
import logging
import os
import pickle
import signal
import socket
import ssl
import subprocess
import sys
import textwrap
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import redis
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

import core.cache
import core.redis
import servers
from core.cache import cache_delete, cache_get, cache_get_or_set, cache_set, cached, get_redis
from core.redis import close_redis, connect, outages
from main import create_app
from settings import settings

BOUND = core.redis.CALL_TIMEOUT + 0.25


@pytest.fixture(scope="module")
def server() -> Iterator[servers.Redis]:
    with servers.Redis.start() as started:
        yield started


@pytest.fixture(autouse=True)
async def _use(server: servers.Redis, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setattr(settings, "redis_url", server.url)
    outages.is_away, outages.quiet_until = False, 0.0
    yield
    client = await get_redis()
    await client.flushdb()
    await close_redis()
    outages.is_away, outages.quiet_until = False, 0.0


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client


async def connections(server: servers.Redis) -> int:
    """Return how many clients the server counts, the one that asks left out."""
    probe = connect(server.url)
    try:
        return len(await probe.client_list()) - 1
    finally:
        await probe.connection_pool.disconnect()


@pytest.mark.parametrize(
    "value", ["123", "true", "null", 1, 1.5, True, None, {"a": [1, {"b": "ü"}]}, [], "日本"]
)
async def test_1_a_round_trip_keeps_the_type(value: Any) -> None:
    await cache_set("key", value)
    back = await cache_get("key", "missing")
    assert (back, type(back)) == (value, type(value))


async def test_1_a_tuple_comes_back_as_a_list_and_bytes_are_refused() -> None:
    await cache_set("key", (1, 2))
    assert await cache_get("key") == [1, 2]
    with pytest.raises(TypeError, match="bytes"):
        await cache_set("key", b"raw")


async def test_2_missing_expired_and_deleted_are_none() -> None:
    assert await cache_get("key") is None
    await cache_set("key", 1, expire=1)
    await cache_set("gone", 1)
    await cache_delete("gone")
    assert await cache_get("gone") is None
    client = await get_redis()
    assert 990 <= await client.pttl(settings.redis_key_prefix + "key") <= 1000
    await asyncio.sleep(1.05)
    assert await cache_get("key") is None


async def test_2_the_default_expiry_is_an_hour() -> None:
    await cache_set("key", 1)
    client = await get_redis()
    assert abs(await client.pttl(settings.redis_key_prefix + "key") - 3_600_000) <= 1000
    with pytest.raises(ValueError, match="positive"):
        await cache_set("key", 1, expire=0)


def counting_app() -> tuple[FastAPI, list[int]]:
    app, calls = create_app(), []

    @app.get("/counted")
    @cached(expire=60)
    async def counted() -> dict[str, int]:
        calls.append(1)
        return {"calls": len(calls)}

    return app, calls


async def test_3_an_outage_from_the_start_until_it_is_over(
    server: servers.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server.stop()
    try:
        app, _ = counting_app()
        async with running(app) as client:
            logging.getLogger().addHandler(caplog.handler)
            for _ in range(20):
                assert (await client.get("/counted")).status_code == 200
            assert (await client.get("/ready")).status_code == 503
            server.start_again()
            back_at = time.monotonic()
            while outages.is_away or (await client.get("/ready")).status_code != 200:
                await client.get("/counted")
                assert time.monotonic() - back_at < 1
                await asyncio.sleep(0.02)
            assert (await client.get("/counted")).status_code == 200
    finally:
        if server.pid is None:
            server.start_again()
    told = [each.message for each in caplog.records if each.name == "core.redis"]
    assert [message.split(" (")[0] for message in told] == ["Redis is away", "Redis is back"]


async def test_3_an_outage_in_the_middle(server: servers.Redis) -> None:
    app, calls = counting_app()
    async with running(app) as client:
        assert (await client.get("/counted")).json() == {"calls": 1}
        assert (await client.get("/counted")).json() == {"calls": 1}
        server.stop()
        try:
            assert (await client.get("/counted")).json() == {"calls": 2}
            answer = (await client.get("/ready")).json()
            assert answer["checks"]["redis"] != "ok"
            assert answer["checks"]["database"] == "ok"
        finally:
            server.start_again()
        await asyncio.sleep(core.redis.QUIET_AFTER_FAILURE)
        await client.get("/counted")
        assert (await client.get("/ready")).status_code == 200
        assert len(calls) <= 3


async def test_4_a_server_that_is_frozen_costs_no_more_than_the_bound(
    server: servers.Redis,
) -> None:
    await cache_set("key", 1)
    server.pause()
    try:
        start = time.monotonic()
        assert await cache_get("key", "missing") == "missing"
        assert time.monotonic() - start < BOUND
        start = time.monotonic()
        for _ in range(100):
            await cache_get("key")
        assert time.monotonic() - start < BOUND, "a known outage costs no timeout each time"
    finally:
        server.resume()
    await asyncio.sleep(core.redis.QUIET_AFTER_FAILURE)
    assert await cache_get("key") == 1


async def test_4_a_port_that_accepts_and_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hole:
        monkeypatch.setattr(settings, "redis_url", f"redis://127.0.0.1:{hole.getsockname()[1]}/0")
        await close_redis()
        start = time.monotonic()
        assert await cache_get("key", "missing") == "missing"
        assert time.monotonic() - start < BOUND
        await close_redis()
    monkeypatch.undo()


async def test_5_many_calls_share_few_connections(
    server: servers.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.redis, "MAX_CONNECTIONS", 10)
    await close_redis()
    await cache_set("key", 1)
    before = outages.lost["reads"]
    seen = 0
    calls = asyncio.gather(*(cache_get("key") for _ in range(500)))
    while not calls.done():
        seen = max(seen, await connections(server))
    assert await calls == [1] * 500
    assert outages.lost["reads"] == before
    assert 0 < seen <= 11


def test_6_three_event_loops_in_one_process() -> None:
    async def use() -> Any:
        await cache_set("key", "value")
        value = await cache_get("key")
        await close_redis()
        return value

    assert [asyncio.run(use()) for _ in range(3)] == ["value"] * 3


FORGETFUL = """
    import asyncio

    import core.redis
    from core.cache import cache_get, cache_set

    async def use():
        assert await cache_set("key", "value")
        return await cache_get("key")

    assert [asyncio.run(use()) for _ in range(3)] == ["value"] * 3
    assert len(core.redis._clients) == 1, "clients of loops that ended are forgotten"
"""


def test_6_a_loop_that_forgot_to_close_does_not_stop_the_next(server: servers.Redis) -> None:
    assert spawn(FORGETFUL, server.url).wait(30) == 0


async def test_6_the_application_starts_several_times() -> None:
    for _ in range(2):
        async with running(create_app()) as client:
            assert (await client.get("/ready")).status_code == 200


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("raise SystemExit('the pickle was executed')",))


@pytest.mark.parametrize("poison", [pickle.dumps(Bomb()), b"{not json", b'"\xff"', b""])
async def test_7_a_poisoned_value_is_a_miss_and_a_warning(
    poison: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    client = await get_redis()
    await client.set(settings.redis_key_prefix + "poisoned", poison)
    assert await cache_get("poisoned", "missing") == "missing"
    assert "the cached value of `poisoned` is not JSON" in caplog.text


async def test_8_a_call_that_is_cancelled_leaves_the_next_its_own_answer() -> None:
    for number in range(20):
        await cache_set(f"key{number}", number)
    wrong = 0
    for turn in range(300):
        task = asyncio.ensure_future(cache_get(f"key{turn % 20}"))
        await asyncio.sleep(0)
        if turn % 3 == 0:
            await asyncio.sleep(0.0003)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        other = (turn + 7) % 20
        wrong += await cache_get(f"key{other}") != other
    assert wrong == 0


async def test_9_the_lifespan_closes_every_connection(server: servers.Redis) -> None:
    await close_redis()
    gc.collect()  # what other tests left behind is not counted here
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with running(create_app()) as client:
            await asyncio.gather(*(cache_get("key") for _ in range(20)))
            assert (await client.get("/ready")).status_code == 200
            assert await connections(server) > 1
        gc.collect()
    deadline = time.monotonic() + 2
    while await connections(server) and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    assert await connections(server) == 0
    leaks = [str(each.message) for each in caught if issubclass(each.category, ResourceWarning)]
    assert not leaks


def test_10_this_runs_on_both_ends_of_the_range() -> None:
    """The suite runs this folder on the newest redis-py and on the lowest that is allowed."""
    assert int(redis.__version__.split(".")[0]) >= 5


WORKER = """
    import asyncio

    from core.cache import cache_get_or_set, get_redis
    from core.redis import close_redis

    async def load():
        redis = await get_redis()
        await redis.incr("loads")
        await asyncio.sleep(0.3)
        return "value"

    async def main():
        results = await asyncio.gather(*(cache_get_or_set("report", load) for _ in range(50)))
        assert results == ["value"] * 50
        await close_redis()

    asyncio.run(main())
"""


def spawn(script: str, url: str) -> subprocess.Popen[bytes]:
    env = os.environ | {"REDIS_URL": url, "PYTHONPATH": "."}
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], env=env)


async def test_one_load_for_a_hundred_misses_over_two_processes(server: servers.Redis) -> None:
    workers = [spawn(WORKER, server.url) for _ in range(2)]
    assert [await asyncio.to_thread(each.wait, 30) for each in workers] == [0, 0]
    client = await get_redis()
    assert int(await client.get("loads")) == 1


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
    while not await client.exists(lock):
        await asyncio.sleep(0.02)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    start = time.monotonic()

    async def load() -> str:
        return "loaded"

    assert await cache_get_or_set("stuck", load) == "loaded"
    assert time.monotonic() - start < core.cache.LOCK_EXPIRY + 0.5


async def test_a_lock_is_released_by_its_owner_alone() -> None:
    client = await get_redis()
    lock = f"{settings.redis_key_prefix}slow:lock"

    async def load() -> str:
        await client.set(lock, "somebody else")
        return "loaded"

    assert await cache_get_or_set("slow", load) == "loaded"
    assert await client.get(lock) == b"somebody else"


async def test_loaded_values_expire_with_jitter_and_set_ones_without() -> None:
    client = await get_redis()

    async def load() -> int:
        return 1

    left = set()
    for number in range(30):
        await cache_get_or_set(f"loaded{number}", load, expire=1000)
        left.add(await client.pttl(f"{settings.redis_key_prefix}loaded{number}") // 1000)
    assert len(left) > 10
    assert min(left) >= 895
    assert max(left) <= 1000


async def test_prefixes_keep_applications_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    await cache_set("key", "ours")
    with monkeypatch.context() as patch:
        patch.setattr(settings, "redis_key_prefix", "other:")
        assert await cache_get("key") is None
        await cache_set("key", "theirs")
    assert await cache_get("key") == "ours"


async def answers(url: str) -> bool:
    client = connect(url)
    try:
        return bool(await client.ping())
    finally:
        await client.connection_pool.disconnect()


async def test_a_unix_socket_works(server: servers.Redis) -> None:
    password = server.url.partition(":")[2].partition(":")[2].partition("@")[0]
    assert await answers(f"unix://:{password}@{server.socket_path}?db=0")


async def test_a_user_and_password_work(server: servers.Redis) -> None:
    client = await get_redis()
    await client.execute_command("ACL", "SETUSER", "ada", "on", ">tea", "~*", "+@all")
    assert await answers(f"redis://ada:tea@127.0.0.1:{server.port}/0")
    with pytest.raises(core.redis.AWAY):
        await answers(f"redis://ada:wrong@127.0.0.1:{server.port}/0")


async def test_rediss_speaks_tls() -> None:
    """A plain listener sees a TLS client hello: the wheel's server has no TLS of its own."""
    hello = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not hello.done():
            hello.set_result(await reader.read(3))
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        with pytest.raises((*core.redis.AWAY, ssl.SSLError)):
            await answers(f"rediss://:pw@127.0.0.1:{port}/0")
        assert (await hello)[:2] == b"\x16\x03"


async def test_a_password_is_in_no_log(
    server: servers.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.stop()
    try:
        await cache_set("key", 1)
    finally:
        server.start_again()
    password = server.url.partition(":")[2].partition(":")[2].partition("@")[0]
    assert len(password) > 3
    assert password not in caplog.text
