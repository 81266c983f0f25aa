"""The cache, without a server and, where there is one, with it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from httpx2 import AsyncClient
from redis.exceptions import DataError

import core._redis.client
import core.cache
from core._redis.circuit_breaker import breaker, read_with_fallback
from core._redis.client import close_redis
from core.cache import (
    cache_delete,
    cache_get,
    cache_get_many,
    cache_get_or_set,
    cache_set,
    cache_set_many,
    cached,
    get_redis,
)
from settings import settings


@pytest.fixture(autouse=True)
async def _fresh() -> AsyncIterator[None]:
    breaker.is_open = False
    breaker.next_warning.clear()
    yield
    await close_redis()
    breaker.is_open = False


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the settings at a port where nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(settings, "redis_url", f"redis://:secret@127.0.0.1:{port}/0")


@pytest.fixture
async def server(
    require_server: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """Use the server of the settings, with a prefix whose keys are deleted again."""
    require_server(settings.redis_url)
    prefix = f"test-{uuid4()}:"
    monkeypatch.setattr(settings, "redis_key_prefix", prefix)
    monkeypatch.setattr(
        core._redis.client, "CONNECT_TIMEOUT", 30.0
    )  # a busy machine is slow, not down
    monkeypatch.setattr(core._redis.client, "CALL_TIMEOUT", 30.0)
    monkeypatch.setattr(core.cache, "CALL_TIMEOUT", 30.0)
    yield prefix
    redis = await get_redis()
    async for key in redis.scan_iter(match=f"{prefix}*"):
        await redis.delete(key)


@pytest.mark.parametrize("value", [b"bytes", object(), float("nan")])
async def test_what_has_no_form_in_json_is_refused_with_its_key(value: object) -> None:
    with pytest.raises(TypeError, match="cannot cache `user:1`: "):
        await cache_set("user:1", value)


@pytest.mark.parametrize(
    ("expire", "error"),
    [
        (0, ValueError),
        (-1, ValueError),
        (10**20, ValueError),
        (timedelta(0), ValueError),
        (1.5, TypeError),
        (True, TypeError),
    ],
)
async def test_an_expiry_that_makes_no_sense_is_refused(
    expire: int, error: type[Exception]
) -> None:
    with pytest.raises(error, match="expire"):
        await cache_set("key", 1, expire=expire)
    with pytest.raises(error, match="expire"):
        cached(expire=expire)


@pytest.mark.usefixtures("nobody")
async def test_without_a_server_reads_miss_and_writes_are_dropped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = breaker.lost.copy()
    assert await cache_get("key", "default") == "default"
    assert await cache_get_many(["a", "b"]) == {}
    assert await cache_set("key", 1) is False
    assert await cache_set_many({"a": 1}) is False
    assert await cache_delete("key") == 0
    assert breaker.lost - before == {"reads": 2, "writes": 3}
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "secret" not in caplog.text


@pytest.mark.usefixtures("nobody")
async def test_without_a_server_a_cached_function_still_answers() -> None:
    calls = 0

    @cached(expire=60)
    async def add(a: int, b: int = 1) -> int:
        nonlocal calls
        calls += 1
        return a + b

    assert [await add(1), await add(1)] == [2, 2]
    assert calls == 2


@pytest.mark.usefixtures("nobody")
async def test_without_a_server_concurrent_misses_share_a_load() -> None:
    calls = 0

    async def load() -> str:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0.1)
        return "loaded"

    await cache_get("report")  # so that the policy knows that the server is unreachable
    results = await asyncio.gather(*(cache_get_or_set("report", load) for _ in range(100)))
    assert results == ["loaded"] * 100
    assert calls <= 3  # one, and those who asked whether the server is reachable again


@pytest.mark.usefixtures("nobody")
async def test_without_a_server_the_application_is_alive_but_not_ready(
    client: AsyncClient,
) -> None:
    assert (await client.get("/health")).status_code == 200
    response = await client.get("/ready")
    assert response.status_code == 503
    assert response.json()["checks"]["redis"] != "ok"
    assert "secret" not in response.text


async def test_a_mistake_in_a_command_is_no_outage() -> None:
    async def mistaken(_: object) -> None:
        raise DataError("a set cannot be sent")

    before = breaker.lost.copy()
    with pytest.raises(DataError):
        await read_with_fallback(None, mistaken)
    assert not breaker.is_open
    assert breaker.lost == before


async def test_a_cancelled_call_stays_cancelled() -> None:
    async def hang(_: object) -> None:
        await asyncio.sleep(60)

    call = asyncio.ensure_future(read_with_fallback(None, hang))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_a_stored_null_differs_from_a_missing_key(server: str) -> None:
    del server
    assert await cache_set("null", None)
    assert await cache_get("null", "default") is None
    assert await cache_get("missing", "default") == "default"


async def test_keys_carry_the_prefix_and_expire(server: str) -> None:
    await cache_set("user:123", {"name": "John"})
    redis = await get_redis()
    assert 3_599_000 <= await redis.pttl(f"{server}user:123") <= 3_600_000
    assert await cache_delete("user:123", "missing") == 1
    assert await cache_get("user:123") is None


async def test_several_keys_take_one_call(server: str) -> None:
    del server
    assert await cache_set_many({"a": 1, "b": None}, expire=timedelta(seconds=5))
    assert await cache_get_many(["a", "b", "c"]) == {"a": 1, "b": None}
    assert await cache_get_many([]) == {}
    assert await cache_delete() == 0


@pytest.mark.parametrize("poison", [b"\x80\x04not json", b"[" * 100_000])
async def test_a_poisoned_value_counts_as_missing(server: str, poison: bytes) -> None:
    redis = await get_redis()
    await redis.set(f"{server}poisoned", poison)
    assert await cache_get("poisoned", "default") == "default"
    assert await cache_get_many(["poisoned"]) == {}


async def test_a_command_that_the_server_rejects_is_lost_alone_with_one_warning(
    server: str, caplog: pytest.LogCaptureFixture
) -> None:
    redis = await get_redis()
    await redis.zadd(f"{server}set", {"not a string": 1})
    before = breaker.lost["reads"]
    assert [await cache_get("set", "default") for _ in range(3)] == ["default"] * 3
    assert breaker.lost["reads"] == before + 3
    assert await cache_set("key", 1), "the server is reachable"
    assert len([each for each in caplog.records if "rejects reads" in each.message]) == 1


async def test_concurrent_misses_load_once(server: str) -> None:
    del server
    calls = 0

    async def load() -> dict[str, int]:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0.05)
        return {"calls": calls}

    results = await asyncio.gather(*(cache_get_or_set("report", load) for _ in range(50)))
    assert results == [{"calls": 1}] * 50
    assert await cache_get_or_set("report", load) == {"calls": 1}


async def test_what_a_loader_raises_reaches_everybody_and_is_not_cached(server: str) -> None:
    del server

    async def fail() -> None:
        raise LookupError("no report")

    results = await asyncio.gather(
        *(cache_get_or_set("report", fail) for _ in range(3)), return_exceptions=True
    )
    assert [type(result) for result in results] == [LookupError] * 3
    assert await cache_get("report", "nothing") == "nothing"


async def test_a_cached_function_is_keyed_by_its_arguments(server: str) -> None:
    del server
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
