"""How the worker runs tasks: settings that arq leaves open, retries, logs and traces.

Start it with `arq core.tasks.WorkerSettings`.
"""

import asyncio
import dataclasses
import functools
import logging
import random
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from contextvars import ContextVar
from datetime import UTC
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeVar
from urllib.parse import unquote

import arq.worker
from arq import Retry, func
from arq.connections import ArqRedis, RedisSettings, log_redis_info
from redis.asyncio.retry import Retry as RedisRetry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from core._arq import payload
from settings import settings

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

_job: ContextVar[dict[str, Any] | None] = ContextVar("job", default=None)
_trace = import_module("opentelemetry.trace") if find_spec("opentelemetry") else None
_tracer = _trace.get_tracer(__name__) if _trace else None
_propagate = import_module("opentelemetry.propagate") if find_spec("opentelemetry") else None


def complete(worker: type) -> None:
    """Give a class of worker settings all that it does not say itself.

    What the class says wins, but for the serialisers: jobs are JSON, never pickle.
    """
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
        "cron_jobs": [_observed(each) for each in own.get("cron_jobs") or ()],
        "job_serializer": payload.dumps,
        "job_deserializer": payload.loads,
        "on_startup": _all_of(_start, own.get("on_startup")),
        "on_shutdown": _all_of(own.get("on_shutdown"), _stop),
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
            with _span(entry.name, ctx):
                return await task(ctx, *args, **kwargs)
        finally:
            _job.reset(token)

    return dataclasses.replace(entry, coroutine=run)


@contextmanager
def _span(name: str, ctx: Context) -> Iterator[None]:
    if _trace is None or _propagate is None or _tracer is None:
        yield
        return
    headers = payload.trace_headers.get()
    attributes = {"messaging.system": "arq", "messaging.message.id": ctx["job_id"]}
    with _tracer.start_as_current_span(
        name,
        _propagate.extract(headers) if headers else None,
        kind=_trace.SpanKind.CONSUMER,
        attributes=attributes | {"messaging.delivery_attempt": ctx["job_try"]},
        record_exception=False,
    ) as span:
        try:
            yield
        except (Retry, asyncio.CancelledError):  # the job goes on later
            raise
        except BaseException as error:
            span.record_exception(error)
            raise


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


def _all_of(*hooks: Task | None) -> Task:
    async def run(ctx: Context) -> None:
        for hook in hooks:
            if hook is not None:
                await hook(ctx)

    return run


async def _log_server(redis: ArqRedis, log: Callable[[str], Any]) -> None:
    """Log the version and the memory of Redis, if its user may ask for them."""
    try:
        await log_redis_info(redis, log)
    except ResponseError as error:
        logger.warning("the version of Redis is unknown: %s", error)


# arq does this first of all, and a worker whose user may not run INFO would end there.
vars(arq.worker)["log_redis_info"] = _log_server


def _end_with(main: "asyncio.Task[Any]") -> None:
    error = None if main.cancelled() else main.exception()
    if error is not None:
        logger.critical("the worker failed", exc_info=error)
        raise SystemExit(1)


async def _start(ctx: Context) -> None:
    """Log as the application does, and enter its lifespans: tasks use what routes use."""
    from main import create_app  # late: the application imports tasks

    running = asyncio.current_task()
    if running and any(each.partition("=")[0] == "--watch" for each in sys.argv):
        # arq would watch files for a worker that no longer runs.
        running.add_done_callback(_end_with)
    ctx["application"] = stack = AsyncExitStack()
    app = create_app()
    stack.callback(logging.setLogRecordFactory, logging.getLogRecordFactory())
    _log_jobs()
    await stack.enter_async_context(app.router.lifespan_context(app))


async def _stop(ctx: Context) -> None:
    await ctx["application"].aclose()


def _log_jobs() -> None:
    arq_logger = logging.getLogger("arq")
    arq_logger.handlers, arq_logger.propagate = [], True
    make = logging.getLogRecordFactory()

    def with_job(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        vars(record).update(_job.get() or {})
        return record

    logging.setLogRecordFactory(with_job)


__all__: Sequence[str] = ("Context", "RedisSettings", "complete", "retry_on")
