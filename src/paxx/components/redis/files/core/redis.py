"""The Redis client of an event loop, and the policy for outages (REDIS_URL).

While the server is away, what goes through `read_or` and `write_or` is answered without it and
counted; no call takes longer than CALL_TIMEOUT, and everything recovers by itself. Only
`get_redis` hands out errors.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from fastapi import FastAPI
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ReadOnlyError
from redis.exceptions import TimeoutError as RedisTimeoutError

from settings import settings

logger = logging.getLogger(__name__)

T = TypeVar("T")

# Seconds, but for the first. The defaults of redis-py differ from release to release.
MAX_CONNECTIONS = 50
CONNECT_TIMEOUT = 0.25
CALL_TIMEOUT = 1.0  # waiting for a connection and a retry included
TIMER_INTERVAL = 0.05  # how exact CALL_TIMEOUT is
QUIET_AFTER_FAILURE = 0.25  # an outage must not cost every request a timeout

SCHEMES = ("redis", "rediss", "unix")
AWAY = (
    RedisConnectionError,
    RedisTimeoutError,
    ReadOnlyError,  # it was the primary a moment ago
    OutOfMemoryError,
    OSError,  # asyncio's TimeoutError is one, too
)


@dataclass
class Outages:
    """What the policy did in this process; `lost` counts `reads` and `writes` since its start."""

    lost: Counter[str] = field(default_factory=Counter)
    is_away: bool = False
    quiet_until: float = 0.0


class BoundedRedis(Redis):
    """A client whose commands share few connections and take no longer than CALL_TIMEOUT.

    A semaphore and one timer for all commands bound them: the blocking pool and the socket
    timeouts of redis-py do it at a third of the throughput. Pipelines and subscriptions have
    connections of their own and no limit of time. A command that blocks on purpose, such as
    BLPOP, needs a client of its own.
    """

    def __init__(self, pool: ConnectionPool) -> None:
        super().__init__(connection_pool=pool)
        self.loop = asyncio.get_running_loop()
        self.free = asyncio.Semaphore(MAX_CONNECTIONS)
        self.deadlines: dict[asyncio.Timeout, float] = {}
        self.timer: asyncio.TimerHandle | None = None

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Run a command; TimeoutError when it takes too long."""
        async with asyncio.timeout(None) as limit:
            self.deadlines[limit] = self.loop.time() + CALL_TIMEOUT
            if self.timer is None:
                self.timer = self.loop.call_later(TIMER_INTERVAL, self._end_overdue)
            try:
                async with self.free:
                    return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
            finally:
                del self.deadlines[limit]

    def _end_overdue(self) -> None:
        now, self.timer = self.loop.time(), None
        for limit, deadline in self.deadlines.items():
            if deadline <= now:
                limit.reschedule(now)
        if self.deadlines:
            self.timer = self.loop.call_later(TIMER_INTERVAL, self._end_overdue)


outages = Outages()
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Redis] = WeakKeyDictionary()


async def get_redis() -> Redis:
    """Return the client of the running event loop, made when it is first asked for.

    It works with and without a running application. Its commands raise when the server is
    away. Raises ValueError for a REDIS_URL that is not of one server.
    """
    return _client()


def _client() -> Redis:
    loop = asyncio.get_running_loop()
    client = _clients.get(loop)
    if client is None:
        # A client keeps its loop alive, so nobody else removes those of loops that ended.
        for ended in [each for each in _clients if each.is_closed()]:
            del _clients[ended]
        client = _clients[loop] = connect(settings.redis_url)
    return client


def connect(url: str) -> Redis:
    """Return a client with a bounded pool; it opens a connection when it is first used."""
    check_url(url)
    pool = ConnectionPool.from_url(
        url,
        max_connections=2 * MAX_CONNECTIONS,  # half for pipelines and subscriptions
        socket_connect_timeout=CONNECT_TIMEOUT,
        socket_timeout=None,  # see BoundedRedis
        retry=Retry(_backoff(), retries=1),
        retry_on_error=[RedisConnectionError, RedisTimeoutError, OSError],
    )
    return BoundedRedis(pool)


def _backoff() -> ExponentialBackoff:
    # Without types in redis-py 5.0.
    return ExponentialBackoff(cap=0.1, base=0.01)  # type: ignore[no-untyped-call, unused-ignore]


def check_url(url: str) -> None:
    """Raise ValueError unless the URL names one server; the message holds no password."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise ValueError(
            f"REDIS_URL begins with {parts.scheme}://, which is not one of redis://, rediss:// and"
            " unix://; clusters and sentinels need a client of their own"
        )
    if "," in parts.netloc:
        raise ValueError("REDIS_URL names several hosts; a cluster needs a client of its own")


async def close_redis() -> None:
    """Close the connections of the running event loop; the next use opens new ones."""
    client = _clients.pop(asyncio.get_running_loop(), None)
    if client is not None:
        await client.connection_pool.disconnect()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Refuse a wrong URL at the start, close the connections at the end."""
    check_url(settings.redis_url)
    try:
        yield
    finally:
        await close_redis()


async def ready() -> None:
    """Return when the server answers."""
    await (await get_redis()).ping()


def read_or(missing: T, command: Callable[[Redis], Awaitable[T]]) -> Awaitable[T]:
    """Return what a command reads, or `missing` when the server is away."""
    return _answer_or(missing, command, "reads")


def write_or(dropped: T, command: Callable[[Redis], Awaitable[T]]) -> Awaitable[T]:
    """Return what a command answers, or `dropped` when the server is away."""
    return _answer_or(dropped, command, "writes")


async def _answer_or(instead: T, command: Callable[[Redis], Awaitable[T]], kind: str) -> T:
    if _may_answer():
        try:
            answer = await command(_client())
        except AWAY as error:
            _went_away(error)
        else:
            _answered()
            return answer
    outages.lost[kind] += 1
    return instead


def _may_answer() -> bool:
    return not outages.is_away or time.monotonic() >= outages.quiet_until


def _answered() -> None:
    if outages.is_away:
        outages.is_away = False
        logger.info("Redis is back")


def _went_away(error: Exception) -> None:
    outages.quiet_until = time.monotonic() + QUIET_AFTER_FAILURE
    if not outages.is_away:
        outages.is_away = True
        logger.warning("Redis is away (%s): reads miss, writes are dropped", type(error).__name__)
