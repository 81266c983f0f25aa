"""What is stored, for how long, under which key."""

import asyncio
import pickle
from typing import Any

import pytest
from checks.redis.driving import CALL_TIMEOUT
from redis.exceptions import DataError

from core._redis.circuit_breaker import breaker
from core.cache import (
    cache_delete,
    cache_get,
    cache_get_or_set,
    cache_set,
    get_redis,
    read_with_fallback,
)
from settings import settings


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
    await cache_set("gone", 1)
    await cache_delete("gone")
    assert await cache_get("gone") is None
    await cache_set("key", 1, expire=100)
    client = await get_redis()
    assert 40_000 < await client.pttl(settings.redis_key_prefix + "key") <= 100_000
    await cache_set("key", 1, expire=1)
    async with asyncio.timeout(CALL_TIMEOUT):
        while await cache_get("key") is not None:
            await asyncio.sleep(0.05)


async def test_2_the_default_expiry_is_an_hour() -> None:
    await cache_set("key", 1)
    client = await get_redis()
    assert (
        abs(await client.pttl(settings.redis_key_prefix + "key") - 3_600_000) <= CALL_TIMEOUT * 1000
    )
    with pytest.raises(ValueError, match="positive"):
        await cache_set("key", 1, expire=0)


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("raise SystemExit('the pickle was executed')",))


@pytest.mark.parametrize(
    "poison", [pickle.dumps(Bomb()), b"{not json", b'"\xff"', b"", b"NaN", b"[" * 100_000]
)
async def test_7_a_poisoned_value_is_a_miss_and_a_warning(
    poison: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    client = await get_redis()
    await client.set(settings.redis_key_prefix + "poisoned", poison)
    assert await cache_get("poisoned", "missing") == "missing"
    assert "the cached value of `poisoned` is not JSON" in caplog.text


async def test_loaded_values_expire_with_jitter_and_set_ones_without() -> None:
    client = await get_redis()

    async def load() -> int:
        return 1

    left = set()
    for number in range(30):
        await cache_get_or_set(f"loaded{number}", load, expire=1000)
        left.add(await client.pttl(f"{settings.redis_key_prefix}loaded{number}") // 1000)
    assert len(left) > 10
    assert min(left) >= 900 - CALL_TIMEOUT
    assert max(left) <= 1000


async def test_prefixes_keep_applications_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    await cache_set("key", "ours")
    with monkeypatch.context() as patch:
        patch.setattr(settings, "redis_key_prefix", "other:")
        assert await cache_get("key") is None
        await cache_set("key", "theirs")
    assert await cache_get("key") == "ours"


async def test_a_wrong_command_raises_and_does_not_open_the_circuit() -> None:
    before = breaker.lost.copy()
    with pytest.raises(DataError):
        await read_with_fallback(None, lambda redis: redis.set("key", {1}))  # type: ignore[arg-type]
    assert not breaker.is_open
    assert breaker.lost == before
