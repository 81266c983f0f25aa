"""Jobs per second through the component and through bare arq; run in a project's environment.

Prints JSON: by kind and contender, the jobs per second of each round.
"""

import asyncio
import json
import logging
import sys
import time
from typing import Any
from uuid import uuid4

from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.worker import Worker, create_worker, get_kwargs

import core.arq
from core._arq.worker import complete
from settings import settings

ENQUEUED = 1000
JOBS = {"wait": 100, "nothing": 600}
Rounds = dict[str, dict[str, list[float]]]


async def wait(_: dict[str, Any], number: int) -> int:
    """Do what waits for something else."""
    await asyncio.sleep(0.05)
    return number


async def nothing(_: dict[str, Any], number: int) -> int:
    """Do nothing."""
    return number


def options_of(contender: str) -> dict[str, Any]:
    """Return the settings of a worker."""
    bare = {
        "functions": [wait, nothing],
        "redis_settings": RedisSettings.from_dsn(settings.arq_redis_url),
    }
    if contender == "arq by default":
        return bare
    if contender == "arq tuned":
        return bare | {"max_jobs": settings.arq_max_jobs, "poll_delay": 0.025, "log_results": False}
    own = type("Own", (), dict(bare))
    complete(own)
    # The lifespans of the application belong to the start, not to the jobs.
    return dict(vars(own)) | {"on_startup": None, "on_shutdown": None}


async def rate_of_enqueue(contender: str, pool: ArqRedis) -> float:
    """Return the jobs per second that 100 tasks enqueue."""
    queue = f"bench:{uuid4()}"

    async def put(number: int) -> None:
        if contender == "paxx":
            await core.arq.enqueue("nothing", number=number, _queue_name=queue)
        else:
            await pool.enqueue_job("nothing", number=number, _queue_name=queue)

    async def several(first: int) -> None:
        for number in range(first, ENQUEUED, 100):
            await put(number)

    started = time.perf_counter()
    await asyncio.gather(*(several(first) for first in range(100)))
    return ENQUEUED / (time.perf_counter() - started)


async def rate_of_jobs(contender: str, kind: str, pool: ArqRedis) -> float:
    """Return the jobs per second of one worker until the queue is empty."""
    queue = f"bench:{uuid4()}"
    for number in range(JOBS[kind]):
        if contender == "paxx":
            await core.arq.enqueue(kind, number=number, _queue_name=queue)
        else:
            await pool.enqueue_job(kind, number=number, _queue_name=queue)
    options = options_of(contender) | {"queue_name": queue, "burst": True, "handle_signals": False}
    # The component has `create_worker` use its own class; `Worker` here is arq's.
    worker = create_worker(options) if contender == "paxx" else Worker(**get_kwargs(options))
    started = time.perf_counter()
    await worker.async_run()
    elapsed = time.perf_counter() - started
    if worker.jobs_complete != JOBS[kind]:
        raise RuntimeError(f"{worker.jobs_complete} of {JOBS[kind]} jobs")
    await worker.close()
    return JOBS[kind] / elapsed


async def main(rounds: int) -> None:
    """Run every contender in turn in each round."""
    logging.disable(logging.WARNING)
    pool = await create_pool(RedisSettings.from_dsn(settings.arq_redis_url))
    results: Rounds = {}
    for turn in range(rounds + 1):
        for contender in ("paxx", "arq"):
            rate = await rate_of_enqueue(contender, pool)
            if turn:  # the first round warms up
                results.setdefault("enqueue", {}).setdefault(contender, []).append(rate)
        for kind, contenders in {
            "wait": ("paxx", "arq by default"),
            "nothing": ("paxx", "arq tuned"),
        }.items():
            for contender in contenders if turn else ():
                rate = await rate_of_jobs(contender, kind, pool)
                results.setdefault(kind, {}).setdefault(contender, []).append(rate)
        await pool.flushdb()
    await pool.aclose(close_connection_pool=True)
    await core.arq.close()
    print(json.dumps(results))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
