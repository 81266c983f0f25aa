"""Operations per second of the cache against redis-py and cashews; run in a project's environment.

Prints JSON: by contender and concurrency, the operations per second of each round.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from cashews import Cache
from redis.asyncio import Redis

from core._redis.client import close_redis
from core.cache import cache_get, cache_set
from settings import settings

VALUE = {"id": 123, "name": "Ada Lovelace", "tags": ["a", "b"], "active": True, "rate": 1.5}
CONCURRENCY = (1, 50)
Operation = Callable[[int], Awaitable[Any]]


def raw(redis: "Redis") -> dict[str, Operation]:
    """Return what one would write by hand."""

    async def get(number: int) -> Any:
        found = await redis.get(f"raw:{number}")
        return None if found is None else json.loads(found)

    async def put(number: int) -> Any:
        return await redis.set(f"raw:{number}", json.dumps(VALUE), ex=3600)

    return {"get": get, "set": put}


def ours() -> dict[str, Operation]:
    """Return the functions of the component."""
    return {
        "get": lambda number: cache_get(f"ours:{number}"),
        "set": lambda number: cache_set(f"ours:{number}", VALUE),
    }


def cashews(cache: Cache) -> dict[str, Operation]:
    """Return the functions of cashews, with JSON as well."""
    return {
        "get": lambda number: cache.get(f"cashews:{number}"),
        "set": lambda number: cache.set(f"cashews:{number}", VALUE, expire=3600),
    }


async def rate(operation: Operation, concurrency: int, seconds: float) -> float:
    """Return the operations per second of this many tasks."""
    done = 0
    end = time.perf_counter() + seconds

    async def work(first: int) -> None:
        nonlocal done
        number = first
        while time.perf_counter() < end:
            await operation(number % 1000)
            number += concurrency
            done += 1

    start = time.perf_counter()
    await asyncio.gather(*(work(task) for task in range(concurrency)))
    return done / (time.perf_counter() - start)


async def main(rounds: int, seconds: float) -> None:
    """Run every contender in turn in each round."""
    redis = Redis.from_url(settings.redis_url, max_connections=50)
    cache = Cache()
    cache.setup(settings.redis_url, pickle_type="json", max_connections=50)
    contenders = {"redis-py": raw(redis), "paxx": ours(), "cashews": cashews(cache)}
    results: dict[str, dict[str, list[float]]] = {}
    for operations in contenders.values():
        await asyncio.gather(*(operations["set"](number) for number in range(40)))
    for _ in range(rounds):
        for concurrency in CONCURRENCY:
            for kind in ("set", "get"):
                by_name = results.setdefault(f"{kind}, {concurrency} at a time", {})
                for name, operations in contenders.items():
                    measured = await rate(operations[kind], concurrency, seconds)
                    by_name.setdefault(name, []).append(measured)
    await cache.close()
    await redis.aclose()
    await close_redis()
    print(json.dumps(results))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
