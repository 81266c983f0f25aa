"""How many connections there are, to what, and that they end."""

import asyncio
import contextlib
import gc
import ssl
import subprocess
import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import redis
from checks.redis.driving import (
    CALL_TIMEOUT,
    answers,
    connections,
    is_ready,
    most_connections,
    running,
    set_timeouts,
    spawn,
    until_disconnected,
)
from redis.asyncio import Redis

import core._redis.client
import servers
from core._redis.circuit_breaker import breaker
from core._redis.client import CONNECTION_ERRORS, RedisUnavailableError, close_redis
from core.cache import cache_get, cache_set, cache_set_many, get_redis
from main import create_app
from settings import settings

CERTIFICATE = Path(__file__).with_name("localhost.pem")  # for this test alone, until 2126


async def test_5_many_calls_share_few_connections(
    server: servers.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core._redis.client, "MAX_CONNECTIONS", 10)
    await cache_set("key", 1)
    before = breaker.lost["reads"]
    calls = asyncio.gather(*(cache_get("key") for _ in range(500)))
    seen = await most_connections(server, calls)
    assert await calls == [1] * 500
    assert breaker.lost["reads"] == before
    assert 0 < seen <= 11


@pytest.mark.parametrize("size", [1, 10])
async def test_5_the_url_may_make_the_pool_smaller(server: servers.Redis, size: int) -> None:
    settings.redis_url = f"{server.url}?max_connections={size}"
    await cache_set("key", 1)
    calls = asyncio.gather(*(cache_get("key") for _ in range(300)))
    seen = await most_connections(server, calls)
    assert await calls == [1] * 300
    assert 0 < seen <= size


async def test_5_many_pipelines_wait_for_each_other(
    server: servers.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core._redis.client, "MAX_CONNECTIONS", 10)
    calls = asyncio.gather(*(cache_set_many({f"key{each}": each}) for each in range(300)))
    seen = await most_connections(server, calls)
    assert await calls == [True] * 300
    assert seen <= 11


def test_6_three_event_loops_in_one_process() -> None:
    async def use() -> Any:
        await cache_set("key", "value")
        return await cache_get("key")

    assert [asyncio.run(use()) for _ in range(3)] == ["value"] * 3


FORGETFUL = """
    import asyncio

    import core._redis.client
    from core.cache import cache_get, cache_set

    async def use():
        assert await cache_set("key", "value")
        return await cache_get("key")

    def {run}

    assert [run(use()) for _ in range(3)] == ["value"] * 3
    assert len(core._redis.client._clients) == {left}, "clients of loops that ended are forgotten"
"""
ABRUPT = """run(main):
        loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(main)
        finally:
            loop.close()"""


def test_6_a_script_that_closes_nothing_leaves_nothing_open(server: servers.Redis) -> None:
    script = FORGETFUL.format(run="run(main): return asyncio.run(main)", left=0)
    process = spawn(script, server.url, "-W", "error", stderr=subprocess.PIPE)
    assert process.communicate(timeout=CALL_TIMEOUT)[1] == b""
    assert process.returncode == 0


def test_6_a_loop_that_ends_abruptly_does_not_stop_the_next(server: servers.Redis) -> None:
    assert spawn(FORGETFUL.format(run=ABRUPT, left=1), server.url).wait(CALL_TIMEOUT) == 0


async def test_6_the_application_starts_several_times() -> None:
    for _ in range(2):
        async with running(create_app()) as client:
            assert await is_ready(client)


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


async def test_8_a_call_that_is_slow_to_end_disturbs_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A connection takes long to close: not to be had from a server on the same machine."""

    async def slow_to_end(*_: Any, **__: Any) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.3)

    set_timeouts(1.0)
    client = await get_redis()
    failed: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failed.append(context))
    with monkeypatch.context() as patch:
        patch.setattr(Redis, "execute_command", slow_to_end)
        first = asyncio.ensure_future(client.ping())
        await asyncio.sleep(0.2)
        outcome = await asyncio.gather(first, client.ping(), return_exceptions=True)
    assert [type(each) for each in outcome] == [RedisUnavailableError] * 2
    assert not failed


async def test_9_the_lifespan_closes_every_connection(server: servers.Redis) -> None:
    gc.collect()  # what other tests left behind is not counted here
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with running(create_app()) as client:
            await asyncio.gather(*(cache_get("key") for _ in range(20)))
            await cache_set_many({"key": 1})
            assert await is_ready(client)
            assert await connections(server) > 1
        gc.collect()
    await until_disconnected(server)
    leaks = [str(each.message) for each in caught if issubclass(each.category, ResourceWarning)]
    assert not leaks


@pytest.mark.nightly
async def test_9_a_frozen_server_does_not_hold_up_the_end(server: servers.Redis) -> None:
    await cache_set("key", 1)
    server.pause()
    try:
        async with asyncio.timeout(CALL_TIMEOUT / 2):
            await close_redis()
    finally:
        server.resume()


def test_10_this_runs_on_both_ends_of_the_range() -> None:
    """The suite runs this folder on the newest redis-py and on the lowest that is allowed."""
    assert int(redis.__version__.split(".")[0]) >= 5


async def test_a_wrong_url_stops_the_start() -> None:
    settings.redis_url = "redis+cluster://localhost:6379"
    with pytest.raises(ValueError, match="clusters and sentinels need a client of their own"):
        async with running(create_app()):
            pass


async def test_a_unix_socket_works(server: servers.Redis) -> None:
    assert await answers(f"unix://:{server.password}@{server.socket_path}?db=0")


async def test_a_user_and_password_work(server: servers.Redis) -> None:
    client = await get_redis()
    await client.execute_command("ACL", "SETUSER", "ada", "on", ">t,e/a", "~*", "+@all")
    assert await answers(f"redis://ada:t,e%2Fa@127.0.0.1:{server.port}/0")
    with pytest.raises(CONNECTION_ERRORS):
        await answers(f"redis://ada:wrong@127.0.0.1:{server.port}/0")


@pytest.fixture
async def tls_port(server: servers.Redis) -> AsyncIterator[int]:
    """Speak TLS in front of the server: the one from the package index has none of its own."""
    copies: set[asyncio.Task[None]] = set()

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", server.port)
        copies.add(asyncio.ensure_future(copy(reader, inner_writer)))
        copies.add(asyncio.ensure_future(copy(inner_reader, writer)))

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    async with await asyncio.start_server(join, "127.0.0.1", 0, ssl=context) as front:
        yield front.sockets[0].getsockname()[1]
        await close_redis()
        await asyncio.wait(copies, timeout=CALL_TIMEOUT)


async def test_rediss_speaks_tls(server: servers.Redis, tls_port: int) -> None:
    url = f"rediss://:{server.password}@localhost:{tls_port}/0"
    settings.redis_url = f"{url}?ssl_ca_certs={CERTIFICATE}"
    assert await cache_set("key", {"over": "TLS"})
    assert await cache_get("key") == {"over": "TLS"}
    with pytest.raises(CONNECTION_ERRORS):
        await answers(url)  # nobody it trusts has signed the certificate
