"""Tasks for a worker that is killed, stopped and cut off; they write down what they did."""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

from arq import cron
from sqlalchemy import text
from working import PATIENCE

import core._arq.lease_worker
import core._redis.client
import core.arq
import core.cache
from core._arq.worker import Context, complete, retry_on
from core.arq import enqueue
from core.cache import cache_get, cache_set
from db.database import engine

BOOK = Path(os.environ["JOB_BOOK"])

# How long a busy machine takes is not what the checks are about.
core.arq.CONNECT_TIMEOUT = core.arq.CALL_TIMEOUT = PATIENCE
core._redis.client.CONNECT_TIMEOUT = core._redis.client.CALL_TIMEOUT = core.cache.CALL_TIMEOUT = (
    PATIENCE
)

if "LEASE" in os.environ:
    core._arq.lease_worker.LEASE = int(os.environ["LEASE"])
    core._arq.lease_worker.LEASE_INTERVAL = core._arq.lease_worker.LEASE / 4
if "CLOCK_OFFSET" in os.environ:
    right, offset = time.time, float(os.environ["CLOCK_OFFSET"])
    time.time = lambda: right() + offset


def write(line: str) -> None:
    """Append a line in one call: nothing is lost or mixed when the process is killed."""
    descriptor = os.open(BOOK, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


async def note(ctx: Context, number: int) -> int:
    """Write the number down."""
    write(f"note {number} {ctx['job_try']}")
    return number


async def pause(ctx: Context, name: str, seconds: float) -> None:
    """Take a while, at the first try."""
    write(f"begin {name} {ctx['job_try']}")
    await asyncio.sleep(seconds if ctx["job_try"] == 1 else 0)
    write(f"end {name} {ctx['job_try']}")


@retry_on(ConnectionError, first=0.05)
async def flaky(ctx: Context, until: int) -> None:
    """Fail until a try."""
    write(f"flaky {ctx['job_try']}")
    if ctx["job_try"] < until:
        raise ConnectionError("not yet")


async def uses(ctx: Context) -> dict[str, Any]:
    """Use the database, the cache and the queue of the application."""
    async with engine.connect() as connection:
        one = (await connection.execute(text("SELECT 1"))).scalar_one()
    await cache_set(f"job:{ctx['job_id']}", "cached")
    child = await enqueue("note", number=7, _queue_name="elsewhere")
    cached = await cache_get(f"job:{ctx['job_id']}")
    return {"database": one, "cache": cached, "child": child and child.id}


async def tick(ctx: Context) -> None:
    """Write down the id of a run by the clock."""
    write(f"tick {ctx['job_id']}")


async def later(ctx: Context) -> None:
    """Run in another release of the project."""
    write(f"later {ctx['job_try']}")


class WorkerSettings:
    """All of them."""

    functions = [note, pause, flaky, uses, *([later] if "LATER" in os.environ else [])]  # noqa: RUF012
    cron_jobs = [cron(tick, second=set(range(60)))] if "TICK" in os.environ else []


complete(WorkerSettings)
