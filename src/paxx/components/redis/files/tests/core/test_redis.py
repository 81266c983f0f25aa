"""The client: its URL, its life with an event loop, and what it does without a server."""

import asyncio
import gc
import socket
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, nullcontext

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from redis.asyncio import Redis

import core._redis.client
from core._redis.client import (
    RedisUnavailableError,
    check_url,
    close_redis,
    connect,
    get_redis,
    lifespan,
)
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


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Point REDIS_URL to a port on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(settings, "redis_url", f"redis://127.0.0.1:{port}/0")


@pytest.mark.usefixtures("unreachable")
async def test_a_route_answers_503_while_redis_is_unreachable(
    app: FastAPI, client: AsyncClient
) -> None:
    @app.get("/views")
    async def views() -> int:
        return int(await (await get_redis()).incr("views"))

    answer = await client.get("/views")
    assert (answer.status_code, answer.json()["title"]) == (503, "Redis is unavailable")


@pytest.mark.parametrize("is_cluster", [True, False])
async def test_a_server_in_cluster_mode_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, is_cluster: bool
) -> None:
    async def info(_: Redis, section: str) -> dict[str, int]:
        return {f"{section}_enabled": int(is_cluster)}

    monkeypatch.setattr(Redis, "info", info)
    refused = pytest.raises(ValueError, match="REDIS_URL points to a server in cluster mode")
    async with AsyncExitStack() as stack:
        with refused if is_cluster else nullcontext():
            await stack.enter_async_context(lifespan(FastAPI()))


@pytest.mark.usefixtures("unreachable")
async def test_without_a_server_commands_and_pipelines_raise() -> None:
    redis = await get_redis()
    with pytest.raises(RedisUnavailableError):
        await redis.incr("page_views")
    pipeline = redis.pipeline()
    pipeline.incr("page_views")
    with pytest.raises(RedisUnavailableError):
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
    # A busy machine is slow, not down.
    monkeypatch.setattr(core._redis.client, "CONNECT_TIMEOUT", 30.0)
    async with (await get_redis()).client() as redis:
        number = await redis.client_id()
        assert await redis.client_id() == number
        with pytest.raises(RedisUnavailableError):
            await redis.execute_command("BLPOP", "nobody-fills-it", 9)  # type: ignore[no-untyped-call]


def test_loops_that_end_close_their_connections(
    require_server: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    require_server(settings.redis_url)
    # A busy machine is slow, not down.
    monkeypatch.setattr(core._redis.client, "CONNECT_TIMEOUT", 30.0)
    monkeypatch.setattr(core._redis.client, "CALL_TIMEOUT", 30.0)

    async def ping() -> bool:
        return bool(await (await get_redis()).ping())

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        assert [asyncio.run(ping()) for _ in range(3)] == [True] * 3
        gc.collect()
    assert not [str(each.message) for each in caught]
    assert not core._redis.client._clients
