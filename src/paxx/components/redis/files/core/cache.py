"""Cache over Redis: JSON values under REDIS_KEY_PREFIX, one load for all who miss at a time.

While Redis is unreachable, reads miss and writes are dropped (core/_redis/circuit_breaker.py).
"""

import asyncio
import functools
import hashlib
import inspect
import logging
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

from redis.asyncio import Redis
from redis.exceptions import LockError

from core._redis import json_codec
from core._redis.circuit_breaker import read_with_fallback, write_with_fallback
from core._redis.client import CALL_TIMEOUT, RedisUnavailableError, get_redis, lifespan, ready
from settings import settings

__all__ = [
    "RedisUnavailableError",
    "cache_delete",
    "cache_get",
    "cache_get_many",
    "cache_get_or_set",
    "cache_set",
    "cache_set_many",
    "cached",
    "get_redis",
    "lifespan",
    "read_with_fallback",
    "ready",
    "write_with_fallback",
]

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

LOCK_EXPIRY = 5.0  # seconds; a loader that takes longer may run a second time elsewhere
LOCK_POLL = 0.02  # seconds
JITTER = 0.1  # loaded values expire up to this share early, not all in the same moment

_MISSING: Any = object()
_flights: dict[tuple[asyncio.AbstractEventLoop, str], asyncio.Future[Any]] = {}


async def cache_get(key: str, default: Any = None) -> Any:
    """Return a cached value as JSON has it, or `default` when there is none.

    A default of your own tells a cached null from a missing key.
    """
    name = _named(key)
    raw = await read_with_fallback(None, lambda redis: redis.get(name))
    return default if raw is None else _decoded(key, raw, default)


async def cache_get_many(keys: Iterable[str]) -> dict[str, Any]:
    """Return the cached values of those keys that have one, in one round trip."""
    keys = list(keys)
    if not keys:
        return {}
    names = [_named(key) for key in keys]
    nothing: list[bytes | str | None] = []
    raws = await read_with_fallback(nothing, lambda redis: redis.mget(names))
    found = {
        key: _decoded(key, raw, _MISSING)
        for key, raw in zip(keys, raws, strict=False)
        if raw is not None
    }
    return {key: value for key, value in found.items() if value is not _MISSING}


async def cache_set(key: str, value: Any, expire: int | timedelta = 3600) -> bool:
    """Cache a value for `expire` seconds; False when it was dropped.

    Raises TypeError for a value that has no form in JSON, ValueError for an expiry that is not
    positive.
    """
    raw, milliseconds = _encoded(key, value), _milliseconds(expire)
    name = _named(key)
    return bool(
        await write_with_fallback(False, lambda redis: redis.set(name, raw, px=milliseconds))
    )


async def cache_set_many(values: Mapping[str, Any], expire: int | timedelta = 3600) -> bool:
    """Cache several values in one round trip; False when they were dropped."""
    raws = {_named(key): _encoded(key, value) for key, value in values.items()}
    milliseconds = _milliseconds(expire)

    async def write(redis: Redis) -> bool:
        async with asyncio.timeout(CALL_TIMEOUT), redis.pipeline(transaction=False) as pipeline:
            for name, raw in raws.items():
                pipeline.set(name, raw, px=milliseconds)
            # An error that the pipeline raises itself would quote the value.
            answers = await pipeline.execute(raise_on_error=False)
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return True

    return bool(await write_with_fallback(False, write))


async def cache_delete(*keys: str) -> int:
    """Delete keys and return how many there were; 0 also when the server is unreachable."""
    if not keys:
        return 0
    names = [_named(key) for key in keys]
    return int(await write_with_fallback(0, lambda redis: redis.delete(*names)))


async def cache_get_or_set(
    key: str, loader: Callable[[], Awaitable[Any]], expire: int | timedelta = 3600
) -> Any:
    """Return the cached value, else what `loader` returns, which is cached for others.

    Of all that miss at the same time, in all processes, one runs the loader. The value comes
    back as JSON has it, whoever loaded it. What the loader raises reaches those who wait here.
    """
    value = await cache_get(key, _MISSING)
    if value is not _MISSING:
        return value
    flight = asyncio.get_running_loop(), _named(key)
    if flight not in _flights:
        _flights[flight] = asyncio.ensure_future(_load(key, loader, _milliseconds(expire)))
        _flights[flight].add_done_callback(lambda done: _land(flight, done))
    # Others wait for the same load: whoever gives up must not take it away from them.
    return await asyncio.shield(_flights[flight])


def cached(
    expire: int | timedelta = 3600, key: Callable[..., str] | None = None
) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Awaitable[T]]]:
    """Cache what an async function returns, by `cache_get_or_set`.

    The key is made of the function's name and arguments, or by `key`, which gets the
    arguments; it is needed where an argument has no form in JSON. Return JSON types: that is
    how a cached value comes back.
    """

    _milliseconds(expire)  # a wrong one is worth knowing when the module is imported

    def decorate(function: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        async def call(*args: P.args, **kwargs: P.kwargs) -> T:
            if key is None:
                name = _key_of(function, signature.bind(*args, **kwargs))
            else:
                name = key(*args, **kwargs)
            value: T = await cache_get_or_set(name, lambda: function(*args, **kwargs), expire)
            return value

        return call

    return decorate


async def _load(key: str, loader: Callable[[], Awaitable[Any]], milliseconds: int) -> Any:
    lock = (await get_redis()).lock(
        f"{_named(key)}:lock",
        timeout=LOCK_EXPIRY,
        sleep=LOCK_POLL,
        blocking_timeout=LOCK_EXPIRY,
    )
    # While the server is unreachable nobody can be waited for.
    await write_with_fallback(False, lambda _: lock.acquire())
    try:
        # Whoever held the lock before has loaded it.
        value = await cache_get(key, _MISSING)
        return await _load_now(key, loader, milliseconds) if value is _MISSING else value
    finally:
        with suppress(LockError):  # never acquired, or expired
            await write_with_fallback(None, lambda _: lock.release())


async def _load_now(key: str, loader: Callable[[], Awaitable[Any]], milliseconds: int) -> Any:
    name, raw = _named(key), _encoded(key, await loader())
    early = random.uniform(0, JITTER)  # noqa: S311 - nobody gains from guessing it
    expiry = max(1, int(milliseconds * (1 - early)))
    await write_with_fallback(None, lambda redis: redis.set(name, raw, px=expiry))
    return json_codec.loads(raw)


def _land(flight: tuple[asyncio.AbstractEventLoop, str], done: asyncio.Future[Any]) -> None:
    _flights.pop(flight, None)
    if not done.cancelled():
        done.exception()  # seen, even when all who waited gave up


def _key_of(function: Callable[..., Any], arguments: inspect.BoundArguments) -> str:
    arguments.apply_defaults()
    name = f"{function.__module__}.{function.__qualname__}"
    raw = _encoded(f"{name}, give `key=`", dict(arguments.arguments))
    return f"{name}:{hashlib.sha256(raw).hexdigest()[:32]}"


def _named(key: str) -> str:
    return settings.redis_key_prefix + key


def _encoded(key: str, value: Any) -> bytes:
    try:
        return json_codec.dumps(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"cannot cache `{key}`: {error}") from error


def _decoded(key: str, raw: bytes | str, default: Any) -> Any:
    try:
        return json_codec.loads(raw)
    except (ValueError, RecursionError):
        logger.warning("the cached value of `%s` is not JSON; it counts as missing", key)
        return default


def _milliseconds(expire: int | timedelta) -> int:
    seconds = expire.total_seconds() if isinstance(expire, timedelta) else expire
    milliseconds = int(seconds * 1000)
    if milliseconds <= 0:
        raise ValueError("expire has to be positive")
    return milliseconds
