"""Background tasks: put jobs into the queue, and ask what became of them (ARQ_REDIS_URL).

A job runs at least once. What is passed to it travels as JSON, never as pickle: whoever can write
to Redis must not be able to run code in the worker.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from importlib import import_module
from typing import Any, Literal, TypeVar
from uuid import uuid4
from weakref import WeakKeyDictionary

from arq.connections import ArqRedis
from arq.jobs import Job as ArqJob
from fastapi import FastAPI
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from core._arq import payload
from core.errors import AppError
from settings import settings

# Seconds, but for the first.
MAX_CONNECTIONS = 100
CONNECT_TIMEOUT = 0.5
CALL_TIMEOUT = 2.0  # waiting for a connection included: a request must not wait longer
RESULT_POLL = 0.05

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
        return (await _client().bounded(_arq_job(self).status)).value

    async def result(self, timeout: float = 30.0) -> Any:  # noqa: ASYNC109 - of a poll
        """Wait for the job to end and return what the task returned, as JSON has it.

        Raises JobFailed with the task's own error, LookupError for a job that is not known,
        TimeoutError when it takes longer than `timeout` seconds.
        """
        deadline = asyncio.get_running_loop().time() + timeout
        while (info := await _client().bounded(_arq_job(self).result_info)) is None:
            if await self.status() == "not_found":
                raise LookupError(f"no job with the id {self.id} is known")
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"job {self.id} did not end within {timeout} s")
            await asyncio.sleep(RESULT_POLL)
        if info.success:
            return info.result
        raise JobFailed(*payload.error_of(info.result))


@dataclass(frozen=True, slots=True)
class _Client:
    redis: ArqRedis
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
    client = _client()
    job_id = _job_id or uuid4().hex
    job = await client.bounded(
        lambda: client.redis.enqueue_job(
            name,
            _job_id=job_id,
            _queue_name=_queue_name,
            _defer_until=_defer_until,
            _defer_by=_defer_by,
            _expires=_expires,
            **kwargs,
        )
    )
    # A new id exists only if redis-py repeated a command whose response was lost.
    is_taken = job is None and _job_id is not None
    return None if is_taken else Job(job_id, _queue_name or settings.arq_queue_name)


def get_job(job_id: str, queue: str | None = None) -> Job:
    """Return the job with this id, whether or not there is one; asks nothing."""
    return Job(job_id, queue or settings.arq_queue_name)


def _check_name(name: str) -> None:
    # Imported late: tasks enqueue tasks.
    worker = import_module("core.tasks").WorkerSettings
    known = getattr(worker, "task_names", None)
    if known is None or vars(worker).get("job_deserializer") is not payload.loads:
        raise RuntimeError("core/tasks.py has to call `complete(WorkerSettings)` at its end")
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
        redis = ArqRedis(
            pool,
            job_serializer=payload.dumps,
            job_deserializer=payload.loads,
            default_queue_name=settings.arq_queue_name,
        )
        client = _clients[loop] = _Client(redis, asyncio.Semaphore(MAX_CONNECTIONS))
    return client


def _arq_job(job: Job) -> ArqJob:
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
    """Return when Redis takes jobs; `arq --check` reports the health of workers.

    What `enqueue` runs is what the user of Redis has to be allowed: `xx` adds nothing.
    """
    client = _client()
    await client.bounded(
        lambda: client.redis.zadd(settings.arq_queue_name, {"readiness": 0}, xx=True)
    )
