"""The cache, without a server and, where there is one, with it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from uuid import UUID, uuid4

import pytest
from httpx2 import AsyncClient
from pydantic import BaseModel

import core.redis
from core import jsonable
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
from core.redis import check_url, close_redis, outages
from settings import settings


class Colour(Enum):
    """Something with a value."""

    RED = "red"


class Item(BaseModel):
    """Something that FastAPI would return."""

    name: str
    price: Decimal


@dataclass
class Point:
    """Something with fields."""

    x: int
    at: date


@pytest.fixture(autouse=True)
async def _fresh() -> AsyncIterator[None]:
    outages.is_away, outages.quiet_until = False, 0.0
    yield
    await close_redis()
    outages.is_away, outages.quiet_until = False, 0.0


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
    yield prefix
    redis = await get_redis()
    async for key in redis.scan_iter(match=f"{prefix}*"):
        await redis.delete(key)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("123", "123"),
        ("null", "null"),
        (None, None),
        (True, True),
        (1.5, 1.5),
        ((1, "ü"), [1, "ü"]),
        ({1: {"a": []}}, {"1": {"a": []}}),
        (datetime(2026, 1, 2, 3, tzinfo=UTC), "2026-01-02T03:00:00+00:00"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (Decimal("1.10"), "1.10"),
        (timedelta(minutes=1), 60.0),
        (Colour.RED, "red"),
        ({"x"}, ["x"]),
        (Item(name="tea", price=Decimal("1.10")), {"name": "tea", "price": "1.10"}),
        ([Point(1, date(2026, 1, 2))], [{"x": 1, "at": "2026-01-02"}]),
    ],
)
def test_values_come_back_as_json_has_them(value: object, expected: object) -> None:
    assert jsonable.loads(jsonable.dumps(value)) == expected


@pytest.mark.parametrize("value", [b"bytes", object(), {(1, 2): 3}, float("nan"), Point])
async def test_what_has_no_form_in_json_is_refused_with_its_key(value: object) -> None:
    with pytest.raises(TypeError, match="cannot cache `user:1`: "):
        await cache_set("user:1", value)


@pytest.mark.parametrize(
    ("expire", "error"),
    [(0, ValueError), (-1, ValueError), (timedelta(0), ValueError), (1.5, TypeError)],
)
async def test_an_expiry_that_makes_no_sense_is_refused(
    expire: int, error: type[Exception]
) -> None:
    with pytest.raises(error, match="expire"):
        await cache_set("key", 1, expire=expire)


@pytest.mark.parametrize(
    "url",
    [
        "redis+cluster://secret@a:1",
        "sentinel://:secret@a:1/main",
        "redis://:secret@a:1,b:2/0",
        "http://secret@a",
    ],
)
def test_a_url_that_is_not_of_one_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="REDIS_URL") as caught:
        check_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["redis://a:1/0", "rediss://u:p@a/0", "unix:///run/redis.sock"])
def test_a_url_of_one_server_is_fine(url: str) -> None:
    check_url(url)


@pytest.mark.usefixtures("nobody")
async def test_without_a_server_reads_miss_and_writes_are_dropped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = outages.lost.copy()
    assert await cache_get("key", "default") == "default"
    assert await cache_get_many(["a", "b"]) == {}
    assert await cache_set("key", 1) is False
    assert await cache_set_many({"a": 1}) is False
    assert await cache_delete("key") == 0
    assert outages.lost - before == {"reads": 2, "writes": 3}
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "secret" not in caplog.text


@pytest.mark.usefixtures("nobody")
async def test_without_a_server_the_client_itself_raises() -> None:
    redis = await get_redis()
    with pytest.raises(core.redis.AWAY):
        await redis.incr("page_views")


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
async def test_without_a_server_the_application_is_alive_but_not_ready(
    client: AsyncClient,
) -> None:
    assert (await client.get("/health")).status_code == 200
    response = await client.get("/ready")
    assert response.status_code == 503
    assert response.json()["checks"]["redis"] != "ok"
    assert "secret" not in response.text


async def test_a_cancelled_call_stays_cancelled() -> None:
    async def hang(_: object) -> None:
        await asyncio.sleep(60)

    call = asyncio.ensure_future(core.redis.read_or(None, hang))
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


async def test_a_poisoned_value_counts_as_missing(server: str) -> None:
    redis = await get_redis()
    await redis.set(f"{server}poisoned", b"\x80\x04not json")
    assert await cache_get("poisoned", "default") == "default"
    assert await cache_get_many(["poisoned"]) == {}


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
