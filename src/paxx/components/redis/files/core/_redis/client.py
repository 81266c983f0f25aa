"""The Redis client of an event loop (REDIS_URL): few connections, every operation has a timeout.

The client raises while Redis is unreachable; core/_redis/circuit_breaker.py continues without it.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI
from redis.asyncio import BlockingConnectionPool, ConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import InvalidResponse, ReadOnlyError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from core.errors import AppError
from settings import settings

# Seconds, but for the first. The defaults of redis-py differ from release to release.
MAX_CONNECTIONS = 50  # for commands; as many each for pipelines and for subscriptions
CONNECT_TIMEOUT = 0.25
CALL_TIMEOUT = 1.0  # waiting for a connection and a retry included
TIMER_INTERVAL = 0.05  # how exact CALL_TIMEOUT is

Ending = AsyncGenerator[None, None]

# Read-only: the name may lead to another primary by now, so that is worth a new connection.
BROKEN = (RedisConnectionError, ReadOnlyError)
# Nothing wider: a wrong command must not pass for an unreachable server.
CONNECTION_ERRORS = (
    RedisConnectionError,
    RedisTimeoutError,
    InvalidResponse,
    OSError,  # asyncio's TimeoutError is one, too
)


class RedisUnavailableError(AppError, RedisConnectionError):
    """Redis is unreachable or too slow; the client of the application sees 503."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "Redis is unavailable"


class BoundedPipeline(Pipeline):
    """A pipeline whose connection errors become RedisUnavailableError."""

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Run the commands; RedisUnavailableError when the server is unreachable or too slow."""
        try:
            return list(await super().execute(raise_on_error))
        except CONNECTION_ERRORS as error:
            raise RedisUnavailableError from error


class BoundedRedis(Redis):
    """A client whose commands share few connections and take no longer than CALL_TIMEOUT.

    A semaphore and one timer for all commands bound them: the blocking pool and the socket
    timeouts of redis-py do it at a third of the throughput. Pipelines use those two, on a pool of
    their own, and wait CALL_TIMEOUT for each answer. Subscriptions may wait for ever. A command
    that blocks on purpose, such as BLPOP, needs a client of its own.
    """

    def __init__(self, pool: ConnectionPool, pipelines: ConnectionPool) -> None:
        super().__init__(connection_pool=pool)
        self.pipelines = pipelines
        self.loop = asyncio.get_running_loop()
        # The URL may give the pool another size; half of it is for subscriptions.
        self.free = asyncio.Semaphore(max(1, pool.max_connections // 2))
        self.deadlines: dict[asyncio.Timeout, float] = {}
        self.timer: asyncio.TimerHandle | None = None

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Run a command; RedisUnavailableError when the server is unreachable or too slow."""
        try:
            async with asyncio.timeout(None) as limit:
                self.deadlines[limit] = self.loop.time() + CALL_TIMEOUT
                if self.timer is None:
                    self.timer = self.loop.call_later(TIMER_INTERVAL, self._end_overdue)
                try:
                    async with self.free:
                        return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
                finally:
                    self.deadlines.pop(limit, None)
        except CONNECTION_ERRORS as error:
            raise RedisUnavailableError from error

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        """Return a pipeline, which waits for one of its own connections."""
        return BoundedPipeline(self.pipelines, self.response_callbacks, transaction, shard_hint)

    async def disconnect(self) -> None:
        """Close all connections; the next command opens a new one."""
        await self.connection_pool.disconnect()
        await self.pipelines.disconnect()

    def _end_overdue(self) -> None:
        now, self.timer = self.loop.time(), None
        for limit in [limit for limit, deadline in self.deadlines.items() if deadline <= now]:
            # Taken out at once: a limit that is ending must not be told to end again.
            del self.deadlines[limit]
            limit.reschedule(now)
        if self.deadlines:
            self.timer = self.loop.call_later(TIMER_INTERVAL, self._end_overdue)


_clients: dict[asyncio.AbstractEventLoop, tuple[BoundedRedis, Ending]] = {}


async def get_redis() -> Redis:
    """Return the client of the running event loop, made when it is first asked for.

    It works with and without a running application. Its commands raise RedisUnavailableError
    while the server is unreachable. Raises ValueError for a REDIS_URL that is not of one server.
    """
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        for ended in [each for each in _clients if each.is_closed()]:
            del _clients[ended]
        client = connect(settings.redis_url)
        _clients[loop] = client, _end_with_the_loop(loop, client)
        await anext(_clients[loop][1])
    return _clients[loop][0]


async def _end_with_the_loop(loop: asyncio.AbstractEventLoop, client: BoundedRedis) -> Ending:
    # asyncio closes the generators that are open when a loop ends: scripts and tests need not.
    try:
        yield
    finally:
        _clients.pop(loop, None)
        await client.disconnect()


def connect(url: str) -> BoundedRedis:
    """Return a client with bounded pools; it opens a connection when it is first used."""
    check_url(url)
    # What timed out is not sent again: a server that is slow may still run it.
    backoff = NoBackoff()  # type: ignore[no-untyped-call, unused-ignore]  # before redis-py 6
    retry = Retry(backoff, retries=1, supported_errors=BROKEN)
    commands = ConnectionPool.from_url(
        url,
        max_connections=2 * MAX_CONNECTIONS,
        socket_connect_timeout=CONNECT_TIMEOUT,
        socket_timeout=None,  # see BoundedRedis
        retry=retry,
        retry_on_error=[*BROKEN],
    )
    pipelines = BlockingConnectionPool.from_url(
        url,
        max_connections=MAX_CONNECTIONS,
        timeout=CALL_TIMEOUT,
        socket_connect_timeout=CONNECT_TIMEOUT,
        socket_timeout=CALL_TIMEOUT,
        retry=retry,
        retry_on_error=[*BROKEN],
    )
    try:
        commands.connection_class(**commands.connection_kwargs)
    except TypeError as error:
        raise ValueError(f"REDIS_URL has an option that redis-py does not take: {error}") from None
    return BoundedRedis(commands, pipelines)


def check_url(url: str) -> None:
    """Raise ValueError unless the URL names one server; the message holds nothing of it."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and "," not in parts.netloc.rpartition("@")[2]
        is_server = parts.scheme in {"redis", "rediss"} and has_host and parts.port != 0
    except ValueError:  # not passed on: it may quote a part of the password
        is_server = False
    if not is_server and not url.startswith("unix://"):
        raise ValueError(
            "REDIS_URL has to begin with redis://, rediss:// or unix:// and name one host and its"
            " port; clusters and sentinels need a client of their own. In a user or password, write"
            " / ? # as %2F %3F %23"
        )


async def close_redis() -> None:
    """Close the connections of the running event loop; the next use opens new ones."""
    known = _clients.get(asyncio.get_running_loop())
    if known is not None:
        await known[1].aclose()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Refuse a wrong URL and a cluster at the start, close the connections at the end."""
    await _refuse_cluster(await get_redis())
    try:
        yield
    finally:
        await close_redis()


async def _refuse_cluster(redis: Redis) -> None:
    # A client of one server would lose what belongs to the others.
    try:
        information = await redis.info("cluster")
    except RedisError:  # unreachable, or INFO is not allowed: then nothing is known
        return
    if information.get("cluster_enabled"):
        raise ValueError("REDIS_URL points to a server in cluster mode, which needs another client")


async def ready() -> None:
    """Return when the server answers."""
    await (await get_redis()).ping()
