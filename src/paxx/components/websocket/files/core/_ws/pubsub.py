"""The link to other instances over Redis: channels, messages, and the two tasks behind them."""

import importlib
import json
import logging
from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from core._ws.publisher import Publisher
from core._ws.subscriber import Subscriber
from settings import settings

logger = logging.getLogger(__name__)

# Pub/sub knows no databases: the names keep applications and environments apart.
PREFIX = f"{settings.app_name}:{settings.environment}:ws:"
ALL = PREFIX + "all"
CONTROL = PREFIX + "control"  # always subscribed to, also when nobody is connected
ROOM = PREFIX + "room:"

CONNECT_TIMEOUT = 1.0
START_TIMEOUT = 1.0


class Envelope(BaseModel):
    """A message of an instance.

    On the control channel: with `connection`, the client has connected there; without, a text for
    the client.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    sender: str = Field(alias="from", min_length=1)
    text: str = ""
    client: str = ""
    connection: str = ""


class PubSub:
    """The link to the other instances; without WS_REDIS_URL it does nothing."""

    def __init__(
        self,
        rooms: Callable[[], Iterable[str]],
        deliver: Callable[[str, Envelope], None],
        resumed: Callable[[], None],
    ) -> None:
        self._instance = uuid4().hex
        self._rooms = rooms
        self._deliver = deliver
        self._resumed = resumed
        self._redis: Any = None
        self._publisher: Publisher | None = None
        self._subscriber: Subscriber | None = None

    @property
    def is_live(self) -> bool:
        """Whether everything wanted is subscribed to."""
        return self._subscriber is not None and self._subscriber.is_live

    async def start(self) -> None:
        """Start the tasks; waits for the subscription for at most START_TIMEOUT."""
        if not settings.ws_redis_url or self._subscriber is not None:
            return
        self._redis = _connect(settings.ws_redis_url)
        self._publisher = Publisher(self._redis)
        self._subscriber = Subscriber(self._redis, self._wanted, self._hear, self._resumed)
        await self._subscriber.wait_until_live(START_TIMEOUT)

    async def stop(self) -> None:
        """Publish what is queued, end the tasks, close the connections."""
        publisher, subscriber = self._publisher, self._subscriber
        self._publisher = self._subscriber = None
        if publisher is not None and subscriber is not None:
            await publisher.stop()
            await subscriber.stop()
            await self._redis.connection_pool.disconnect()

    async def publish(self, channel: str, **fields: str) -> None:
        """Send to all instances; never fails, and waits only for a queue that is full."""
        if self._publisher is not None:
            await self._publisher.publish(channel, json.dumps({"from": self._instance} | fields))

    async def watch(self, room: str) -> None:
        """Return when messages of the room reach this instance."""
        if self._subscriber is not None:
            await self._subscriber.watch(ROOM + room)

    def unwatch(self, room: str) -> None:
        """Give up a room that has no members here any more."""
        if self._subscriber is not None:
            self._subscriber.unwatch(ROOM + room)

    def _wanted(self) -> list[str]:
        return [CONTROL, ALL, *(ROOM + room for room in self._rooms())]

    def _hear(self, channel: str, payload: bytes) -> None:
        try:
            envelope = Envelope.model_validate_json(payload)
        except ValueError:
            logger.warning("skipped a message on %s: it is none of ours", channel)
            return
        # Our own clients have our texts already. That of a connection says which came first.
        if envelope.sender != self._instance or envelope.connection:
            self._deliver(channel, envelope)


def _connect(url: str) -> Any:
    try:
        redis: Any = importlib.import_module("redis.asyncio")
        backoff: Any = importlib.import_module("redis.backoff")
    except ModuleNotFoundError as error:
        raise RuntimeError(
            "WS_REDIS_URL is set, but the package `redis` is not installed:"
            " run `uv add 'redis>=5.3'`"
        ) from error
    # Everything is stated, because defaults differ between releases of redis-py.
    return redis.Redis.from_url(
        url,
        protocol=2,
        decode_responses=False,
        health_check_interval=0,
        socket_timeout=None,
        socket_connect_timeout=CONNECT_TIMEOUT,
        retry=redis.retry.Retry(backoff.NoBackoff(), 0),
    )
