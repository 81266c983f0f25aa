"""The cache without a server and, where Redis is running, with it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

import core._redis.client
import core.cache
from core._redis.circuit_breaker import breaker
from core._redis.client import close_redis
from core.cache import (
    RedisUnavailableError,
    cache_delete,
    cache_get,
    cache_get_many,
    cache_get_or_set,
    cache_set,
    cache_set_many,
    cached,
    get_redis,
    read_with_fallback,
)
from settings import settings


@pytest.fixture(autouse=True)
async def _fresh() -> AsyncIterator[None]:
    breaker.is_open = False
    yield
    await close_redis()
    breaker.is_open = False


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Point REDIS_URL to a port on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(settings, "redis_url", f"redis://:secret@127.0.0.1:{port}/0")


@pytest.fixture
async def prefix(
    require_server: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """Use the server of the settings, and delete the keys of the test at the end."""
    require_server(settings.redis_url)
    prefix = f"test-{uuid4()}:"
    monkeypatch.setattr(settings, "redis_key_prefix", prefix)
    # A busy machine is slow, not unreachable.
    monkeypatch.setattr(core._redis.client, "CONNECT_TIMEOUT", 30.0)
    monkeypatch.setattr(core._redis.client, "CALL_TIMEOUT", 30.0)
    monkeypatch.setattr(core.cache, "CALL_TIMEOUT", 30.0)
    yield prefix
    redis = await get_redis()
    async for key in redis.scan_iter(match=f"{prefix}*"):
        await redis.delete(key)


@pytest.mark.parametrize("value", [b"bytes", float("nan")])
async def test_cache_set_rejects_values_without_a_json_form(value: object) -> None:
    with pytest.raises(TypeError, match="cannot cache `user:1`: "):
        await cache_set("user:1", value)


@pytest.mark.parametrize("expire", [0, timedelta(seconds=-1)])
async def test_expiry_must_be_positive(expire: int | timedelta) -> None:
    with pytest.raises(ValueError, match="expire"):
        await cache_set("key", 1, expire=expire)
    with pytest.raises(ValueError, match="expire"):
        cached(expire=expire)


@pytest.mark.usefixtures("unreachable")
async def test_without_a_server_reads_miss_and_writes_are_dropped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = breaker.lost.copy()
    assert await cache_get("key", "default") == "default"
    assert await cache_get_many(["a", "b"]) == {}
    assert await read_with_fallback(None, lambda redis: redis.get("motto")) is None
    assert await cache_set("key", 1) is False
    assert await cache_set_many({"a": 1}) is False
    assert await cache_delete("key") == 0
    assert breaker.lost - before == {"reads": 3, "writes": 3}
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "secret" not in caplog.text


@pytest.mark.usefixtures("unreachable")
async def test_without_a_server_concurrent_misses_share_a_load() -> None:
    calls = 0

    @cached(expire=60)
    async def report() -> str:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0.1)
        return "loaded"

    await cache_get("report")  # so that the circuit breaker is open
    assert await asyncio.gather(*(report() for _ in range(100))) == ["loaded"] * 100
    assert calls <= 3  # one, and those whose read tried the server again


@pytest.mark.usefixtures("unreachable")
async def test_without_a_server_ready_reports_it(client: AsyncClient) -> None:
    assert (await client.get("/health")).status_code == 200
    response = await client.get("/ready")
    assert response.json()["checks"]["redis"] != "ok"
    assert "secret" not in response.text


@pytest.mark.usefixtures("unreachable")
async def test_without_a_server_a_route_that_uses_the_client_answers_503(
    app: FastAPI, client: AsyncClient
) -> None:
    @app.get("/views")
    async def views() -> int:
        return int(await (await get_redis()).incr("views"))

    answer = await client.get("/views")
    assert (answer.status_code, answer.json()["title"]) == (503, "Redis is unavailable")
    pipeline = (await get_redis()).pipeline()
    pipeline.incr("views")
    with pytest.raises(RedisUnavailableError):
        await pipeline.execute()


@pytest.mark.usefixtures("prefix")
async def test_cache_get_returns_a_stored_null_instead_of_the_default() -> None:
    assert await cache_set("null", None)
    assert await cache_get("null", "default") is None
    assert await cache_get("missing", "default") == "default"


async def test_cache_set_adds_the_prefix_and_an_expiry_of_an_hour(prefix: str) -> None:
    await cache_set("user:123", {"name": "John"})
    redis = await get_redis()
    assert 3_500_000 <= await redis.pttl(f"{prefix}user:123") <= 3_600_000
    assert await cache_delete("user:123", "missing") == 1
    assert await cache_get("user:123") is None


@pytest.mark.usefixtures("prefix")
async def test_cache_get_many_returns_the_keys_that_have_a_value() -> None:
    assert await cache_set_many({"a": 1, "b": None}, expire=timedelta(seconds=60))
    assert await cache_get_many(["a", "b", "c"]) == {"a": 1, "b": None}
    assert await cache_get_many([]) == {}
    assert await cache_delete() == 0


@pytest.mark.usefixtures("prefix")
async def test_concurrent_misses_share_a_load() -> None:
    calls = 0

    async def load() -> dict[str, int]:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0.05)
        return {"calls": calls}

    results = await asyncio.gather(*(cache_get_or_set("report", load) for _ in range(50)))
    assert results == [{"calls": 1}] * 50
    assert await cache_get_or_set("report", load) == {"calls": 1}


@pytest.mark.usefixtures("prefix")
async def test_an_error_of_a_loader_reaches_all_callers_and_is_not_cached() -> None:
    async def fail() -> None:
        raise LookupError("no report")

    results = await asyncio.gather(
        *(cache_get_or_set("report", fail) for _ in range(3)), return_exceptions=True
    )
    assert [type(result) for result in results] == [LookupError] * 3
    assert await cache_get("report", "nothing") == "nothing"


@pytest.mark.usefixtures("prefix")
async def test_the_key_of_a_cached_function_contains_its_arguments() -> None:
    calls: list[int] = []

    @cached(expire=60)
    async def double(number: int, factor: int = 2) -> int:
        calls.append(number)
        return number * factor

    @cached(key=lambda thing: "thing")
    async def named(thing: object) -> str:
        return type(thing).__name__

    assert [await double(1), await double(number=1), await double(1, 2)] == [2, 2, 2]
    assert await double(1, factor=3) == 3
    assert calls == [1, 1]
    assert [await named(object()), await named(7)] == ["object", "object"]
    with pytest.raises(TypeError, match="give `key=`"):
        await double(object())  # type: ignore[arg-type]
