"""The client: its URL, its life with an event loop, and what it does without a server."""

import asyncio
import gc
import socket
import warnings
from collections.abc import AsyncIterator, Callable

import pytest

import core._redis.client
from core._redis.circuit_breaker import CONNECTION_ERRORS
from core._redis.client import check_url, close_redis, connect, get_redis
from settings import settings


@pytest.fixture(autouse=True)
async def _close() -> AsyncIterator[None]:
    yield
    await close_redis()


@pytest.mark.parametrize(
    "url",
    [
        "redis+cluster://secret@a:1",
        "redis+sentinel://secret@a:1/main",
        "sentinel://:secret@a:1/main",
        "redis://:secret@a:1,b:2/0",
        "http://secret@a",
        "redis://:se/secret@a:1/0",
        "redis://:1#secret@a:1/0",
        "redis://:secret@a:secret/0",
        "redis://:secret@[a/0",
        "redis:///0",
        "",
    ],
)
def test_a_url_that_is_not_of_one_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="REDIS_URL") as caught:
        check_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://a:1/0",
        "rediss://u:p@a/0",
        "redis://u:p%2F,%23@a/0",
        "redis://u:p,q@a/0",
        "redis://[::1]:6379",
        "unix:///run/redis.sock",
        "unix://u:p@/run/redis.sock?db=1",
    ],
)
def test_a_url_of_one_server_is_fine(url: str) -> None:
    check_url(url)


async def test_an_option_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="'colour'") as caught:
        connect("redis://:secret@a:1/0?colour=red")
    assert "secret" not in str(caught.value)


async def test_no_password_is_shown() -> None:
    assert "secret" not in repr(connect("redis://u:secret@a:1/0"))


async def test_without_a_server_commands_and_pipelines_raise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(settings, "redis_url", f"redis://127.0.0.1:{port}/0")
    redis = await get_redis()
    with pytest.raises(CONNECTION_ERRORS):
        await redis.incr("page_views")
    pipeline = redis.pipeline()
    pipeline.incr("page_views")
    with pytest.raises(CONNECTION_ERRORS):
        await pipeline.execute()


async def test_a_loop_has_one_client_until_it_is_closed() -> None:
    redis = await get_redis()
    assert await get_redis() is redis
    await close_redis()
    await close_redis()
    assert await get_redis() is not redis


async def test_a_client_of_one_connection_keeps_the_bound(
    require_server: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    require_server(settings.redis_url)
    monkeypatch.setattr(
        core._redis.client, "CONNECT_TIMEOUT", 30.0
    )  # a busy machine is slow, not down
    async with (await get_redis()).client() as redis:
        number = await redis.client_id()
        assert await redis.client_id() == number
        with pytest.raises(TimeoutError):
            await redis.execute_command("BLPOP", "nobody-fills-it", 9)  # type: ignore[no-untyped-call]


def test_loops_that_end_close_their_connections(
    require_server: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    require_server(settings.redis_url)
    monkeypatch.setattr(
        core._redis.client, "CONNECT_TIMEOUT", 30.0
    )  # a busy machine is slow, not down
    monkeypatch.setattr(core._redis.client, "CALL_TIMEOUT", 30.0)

    async def ping() -> bool:
        return bool(await (await get_redis()).ping())

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        assert [asyncio.run(ping()) for _ in range(3)] == [True] * 3
        gc.collect()
    assert not [str(each.message) for each in caught]
    assert not core._redis.client._clients
