"""Background tasks: put jobs into the queue, and ask what became of them (ARQ_REDIS_URL).

A job runs at least once. What is passed to it travels as JSON, never as pickle: whoever can write
to Redis must not be able to run code in the worker.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Literal, TypeVar
from uuid import uuid4
from weakref import WeakKeyDictionary

from fastapi import FastAPI
from redis.asyncio import ConnectionPool, Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from core._arq import payload
from core.errors import AppError
from settings import settings

# Seconds, but for the first.
MAX_CONNECTIONS = 100
CONNECT_TIMEOUT = 0.5
CALL_TIMEOUT = 2.0  # waiting for a connection included: a request must not wait longer
RESULT_POLL = 0.05
KEPT = 86_400  # a job that has not started by then is dropped, as by arq

# What arq does by WATCH and MULTI, in one round trip. KEYS: job, result, queue.
ENQUEUE = """
if redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then return 0 end
redis.call('PSETEX', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[4])
return 1
"""
# Needs the same rights, and adds nothing.
READY = "return redis.call('ZADD', KEYS[1], 'XX', 0, 'readiness')"

Status = Literal["deferred", "queued", "in_progress", "complete", "not_found"]
T = TypeVar("T")


class QueueUnavailable(AppError):  # noqa: N818 - reads as a sentence where it is raised
    """Redis did not take the job, or did not answer in time: it may or may not be queued."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The task queue is unavailable"


class UnknownTask(LookupError):  # noqa: N818 - as above
    """No task of this name is in `WorkerSettings.functions`."""


class JobFailed(RuntimeError):  # noqa: N818 - as above
    """The job ended with an error; `kind` is the name of its type."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Job:
    """A job by its id; `await job.status()`, `await job.result(timeout=10)`."""

    id: str
    queue: str

    async def status(self) -> Status:
        """Return where the job is; a result is known for an hour, then the job is not found."""
        status: Status = (await _client().bounded(_arq_job(self).status)).value
        return status

    async def result(self, timeout: float = 30.0) -> Any:  # noqa: ASYNC109 - of a poll
        """Wait for the job to end and return what the task returned, as JSON has it.

        Raises JobFailed with the task's own error, LookupError for a job that is not known,
        TimeoutError when it takes longer than `timeout` seconds.
        """
        async with asyncio.timeout(timeout):
            while (info := await _client().bounded(_arq_job(self).result_info)) is None:
                if await self.status() == "not_found":
                    raise LookupError(f"no job with the id {self.id} is known")
                await asyncio.sleep(RESULT_POLL)
        if info.success:
            return info.result
        raise JobFailed(*payload.error_of(info.result))


@dataclass(frozen=True, slots=True)
class _Client:
    redis: Any  # redis-py types a command as awaitable or not
    enqueue: AsyncScript
    free: asyncio.Semaphore

    async def bounded(self, call: Callable[[], Awaitable[T]]) -> T:
        """Wait for a call of Redis, and for a connection, no longer than CALL_TIMEOUT."""
        try:
            async with asyncio.timeout(CALL_TIMEOUT), self.free:
                return await call()
        except (RedisError, OSError) as error:  # asyncio's TimeoutError is an OSError
            raise QueueUnavailable from error


_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, _Client] = WeakKeyDictionary()


async def enqueue(
    name: str,
    /,  # a task may have an argument of that name
    *,
    _job_id: str | None = None,
    _queue_name: str | None = None,
    _defer_until: datetime | None = None,
    _defer_by: timedelta | float | None = None,
    _expires: timedelta | float | None = None,
    **kwargs: Any,
) -> Job | None:
    """Put a job into the queue: the task of this name, called with `kwargs`.

    Durations are timedeltas or seconds. `_expires` drops a job that did not start within that
    time; without it that is a day, plus the delay. Returns None for a `_job_id` that is queued,
    running, or has a result still: the job is there once. Raises UnknownTask for a name that the
    worker does not have, TypeError for an argument that JSON cannot carry, ValueError for two
    delays, and QueueUnavailable, which the client sees as 503.
    """
    if _queue_name in {None, settings.arq_queue_name}:
        _check_name(name)
    if _defer_by is not None and _defer_until is not None:
        raise ValueError("a job is deferred until a time or by a duration, not both")
    payload.check(name, kwargs)
    now = round(time.time() * 1000)
    start = _defer_until.timestamp() * 1000 if _defer_until else now + _milliseconds(_defer_by or 0)
    expires = _milliseconds(_expires or 0) or max(round(start) - now, 0) + KEPT * 1000
    # As arq writes it: name, arguments, tries so far, and time of enqueueing.
    message = payload.dumps({"t": None, "f": name, "a": (), "k": kwargs, "et": now})
    job = Job(_job_id or uuid4().hex, _queue_name or settings.arq_queue_name)
    is_new = await _put(job, message, round(start), expires)
    # A new id exists only if redis-py repeated a command whose response was lost.
    return job if is_new or _job_id is None else None


async def _put(job: Job, message: str | bytes, start: int, expires: int) -> bool:
    client = _client()
    keys = [payload.JOB_KEY + job.id, payload.RESULT_KEY + job.id, job.queue]
    arguments = [expires, message, start, job.id]
    return bool(await client.bounded(lambda: client.enqueue(keys, arguments)))


def _milliseconds(duration: timedelta | float) -> int:
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
    return round(seconds * 1000)


def get_job(job_id: str, queue: str | None = None) -> Job:
    """Return the job with this id, whether or not there is one; asks nothing."""
    return Job(job_id, queue or settings.arq_queue_name)


def _check_name(name: str) -> None:
    from core.tasks import WorkerSettings  # late: tasks enqueue tasks

    worker = vars(WorkerSettings)
    if worker.get("job_deserializer") is not payload.loads:
        raise RuntimeError("core/tasks.py has to call `complete(WorkerSettings)` at its end")
    known = worker["task_names"]
    if name not in known:
        raise UnknownTask(f"no task is called `{name}`; there are {', '.join(sorted(known))}")


def _client() -> _Client:
    loop = asyncio.get_running_loop()
    client = _clients.get(loop)
    if client is None:
        for ended in [each for each in _clients if each.is_closed()]:
            del _clients[ended]  # a client keeps its loop alive
        pool = ConnectionPool.from_url(
            settings.arq_redis_url,
            max_connections=2 * MAX_CONNECTIONS,  # the semaphore is the limit
            socket_connect_timeout=CONNECT_TIMEOUT,
        )
        redis = Redis(connection_pool=pool)
        script = redis.register_script(ENQUEUE)
        client = _clients[loop] = _Client(redis, script, asyncio.Semaphore(MAX_CONNECTIONS))
    return client


def _arq_job(job: Job) -> Any:
    from arq.jobs import Job as ArqJob  # late: it brings arq's worker

    return ArqJob(job.id, _client().redis, job.queue, payload.loads)


async def close() -> None:
    """Close the connections of the running event loop; the next use opens new ones."""
    client = _clients.pop(asyncio.get_running_loop(), None)
    if client is not None:
        await client.redis.connection_pool.disconnect()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Close the connections when the application stops."""
    try:
        yield
    finally:
        await close()


async def ready() -> None:
    """Return when Redis takes jobs; `arq --check` reports the health of workers."""
    client = _client()
    await client.bounded(lambda: client.redis.eval(READY, 1, settings.arq_queue_name))


async def dead_letters(queue: str | None = None) -> list[dict[str, str]]:
    """Return the jobs that no worker could run, the newest first: `id`, `reason`, `message`."""
    client, key = _client(), payload.dead_letters_key(queue or settings.arq_queue_name)
    letters = await client.bounded(lambda: client.redis.lrange(key, 0, -1))
    return [json.loads(each) for each in letters]


async def requeue(letter: dict[str, str], queue: str | None = None) -> None:
    """Put a dead letter back into its queue, with all tries; its result is forgotten."""
    client, job = _client(), get_job(letter["id"], queue)
    keys = [payload.RETRY_KEY + job.id, payload.RESULT_KEY + job.id]
    await client.bounded(lambda: client.redis.delete(*keys))
    await _put(job, letter["message"], round(time.time() * 1000), KEPT * 1000)
    key = payload.dead_letters_key(job.queue)
    await client.bounded(lambda: client.redis.lrem(key, 0, json.dumps(letter)))


async def _main(*ids: str) -> None:
    """Print the dead letters, and requeue those with these ids."""
    for letter in await dead_letters():
        print(json.dumps(letter))  # noqa: T201
        if letter["id"] in ids or "--all" in ids:
            await requeue(letter)
    await close()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
