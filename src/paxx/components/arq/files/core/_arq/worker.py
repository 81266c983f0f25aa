"""How the worker runs tasks: settings that arq leaves open, retries, dead letters, logs, traces.

Start it with `arq core.tasks.WorkerSettings`.
"""

import dataclasses
import functools
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from contextvars import ContextVar
from datetime import UTC
from typing import Any, TypeVar
from urllib.parse import unquote

from arq import Retry, func
from arq.connections import RedisSettings
from arq.jobs import DeserializationError
from fastapi import FastAPI
from redis.asyncio.retry import Retry as RedisRetry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

import core.logging
from core._arq import lease_worker, payload, tracing
from core.lifespan import combine
from settings import settings

__all__ = ["Context", "RedisSettings", "complete", "retry_on"]

logger = logging.getLogger(__name__)

Context = dict[str, Any]
"""What a task gets first: `job_id`, `job_try` (from 1), `enqueue_time`, `redis`."""

Task = Callable[..., Awaitable[Any]]
T = TypeVar("T")

MAX_TRIES = 5
POLL_DELAY = 0.025  # seconds; arq starts at most ARQ_MAX_JOBS of them at each poll
COMPLETION_WAIT = 25.0  # seconds that SIGTERM leaves to running jobs; then they run again later
HEALTH_INTERVAL = 10  # seconds; `arq --check` fails one second after the last one
RECONNECT_TRIES = 60  # about a minute, then the worker ends and its supervisor starts it anew
CRON_RESULT = 120.0  # seconds; a worker whose clock is late must not start the run again

_job: ContextVar[dict[str, Any] | None] = ContextVar("job", default=None)


def complete(worker: type) -> None:
    """Give a class of worker settings all that it does not say itself.

    What the class says wins, but for the serialisers: jobs are JSON, never pickle.
    """
    lease_worker.install()
    own = vars(worker)
    functions = [func(each) for each in own.get("functions", ())]
    worker.task_names = frozenset(each.name for each in functions)  # type: ignore[attr-defined]
    defaults = {
        "queue_name": settings.arq_queue_name,
        "max_jobs": settings.arq_max_jobs,
        "job_timeout": settings.arq_job_timeout,
        "max_tries": MAX_TRIES,
        "poll_delay": POLL_DELAY,
        "job_completion_wait": COMPLETION_WAIT,
        "health_check_interval": HEALTH_INTERVAL,
        "timezone": UTC,
        "log_results": False,
        "redis_settings": RedisSettings.from_dsn(settings.arq_redis_url),
    }
    values = {name: own.get(name, value) for name, value in defaults.items()} | {
        "functions": [_observed(each) for each in functions],
        "cron_jobs": [
            dataclasses.replace(_observed(each), keep_result_s=each.keep_result_s or CRON_RESULT)
            for each in own.get("cron_jobs") or ()
        ],
        "job_serializer": _dumps,
        "job_deserializer": payload.loads,
        "on_startup": functools.partial(_start, own.get("on_startup")),
        "on_shutdown": functools.partial(_stop, own.get("on_shutdown")),
    }
    _persist(values["redis_settings"])
    for name, value in values.items():
        setattr(worker, name, value)


def retry_on(
    *errors: type[Exception], first: float = 1.0, longest: float = 300.0
) -> Callable[[Callable[..., Awaitable[T]]], Callable[..., Awaitable[T]]]:
    """Run a task again when it raises one of these errors, until its tries are used up.

    The delay begins with `first` seconds and doubles up to `longest`, less a random part. After
    the last try the error is the result of the job.
    """

    def decorate(task: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
        @functools.wraps(task)
        async def tried(ctx: Context, **kwargs: Any) -> T:
            try:
                return await task(ctx, **kwargs)
            except errors as error:
                if ctx["job_try"] >= MAX_TRIES:
                    raise
                delay = min(first * 2 ** (ctx["job_try"] - 1), longest)
                delay *= random.uniform(0.5, 1)  # noqa: S311 - spreads, and protects nothing
                logger.warning("try %s failed, next in %.1f s: %s", ctx["job_try"], delay, error)
                raise Retry(defer=delay) from error

        return tried

    return decorate


def _observed(entry: Any) -> Any:
    """Return a task or cron job of arq that runs with its id in every log line, in a span."""
    task: Task = entry.coroutine

    @functools.wraps(task)
    async def run(ctx: Context, *args: Any, **kwargs: Any) -> Any:
        token = _job.set({"job_id": ctx["job_id"], "job_try": ctx["job_try"], "task": entry.name})
        try:
            with tracing.span(entry.name, ctx["job_id"], ctx["job_try"]):
                return await task(ctx, *args, **kwargs)
        finally:
            _job.reset(token)

    return dataclasses.replace(entry, coroutine=run)


def _persist(redis: RedisSettings) -> None:
    """Let a worker outlive a restart of Redis, at its start as well as later."""
    redis.conn_retries = 10**9
    # A refused connection is an OSError, which redis-py does not retry unless it is told to.
    errors: list[Any] = [RedisConnectionError, RedisTimeoutError, OSError]
    redis.retry_on_error = errors
    redis.retry = RedisRetry(ExponentialBackoff(cap=1, base=0.1), RECONNECT_TRIES)  # type: ignore[no-untyped-call, unused-ignore]
    redis.ssl_check_hostname = redis.ssl
    # arq leaves what the URL escapes as it is.
    redis.username = redis.username and unquote(redis.username)
    redis.password = redis.password and unquote(redis.password)


def _dumps(message: dict[str, Any]) -> bytes:
    error = message.get("r")
    if isinstance(error, DeserializationError):  # says nothing itself
        message = message | {"r": error.__cause__ or error}
    return payload.dumps(message)


async def _start(then: Task | None, ctx: Context) -> None:
    """Log as the application does, and enter its lifespans: tasks use what routes use."""
    from wiring import LIFESPANS  # late: the application imports tasks

    core.logging.configure(settings.log_level, settings.log_format)
    _log_jobs()
    ctx["application"] = stack = AsyncExitStack()
    app = FastAPI(title=settings.app_name)
    await stack.enter_async_context(combine(LIFESPANS)(app))
    if then is not None:
        await then(ctx)


async def _stop(first: Task | None, ctx: Context) -> None:
    if first is not None:
        await first(ctx)
    if "application" in ctx:
        await ctx["application"].aclose()


def _log_jobs() -> None:
    arq_logger = logging.getLogger("arq")
    arq_logger.handlers, arq_logger.propagate = [], True

    def add_job(record: logging.LogRecord) -> bool:
        vars(record).update(_job.get() or {})
        return True

    for handler in logging.getLogger().handlers:
        handler.addFilter(add_job)
