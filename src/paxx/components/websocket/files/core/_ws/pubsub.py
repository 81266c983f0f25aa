"""What instances tell each other over Redis: channels, messages, and the two tasks behind them."""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from core._ws.publisher import Publisher
from core._ws.redis import RedisLink
from core._ws.subscriber import Subscriber
from settings import settings

logger = logging.getLogger(__name__)

# The braces put all channels into one slot of a cluster, so that one node has them all. Pub/sub
# knows no databases: the names tell applications and environments apart.
PREFIX = f"{{{settings.app_name}:{settings.environment}:ws}}:"
ALL = PREFIX + "all"
CONTROL = PREFIX + "control"  # always subscribed to, also when nobody is connected
ROOM = PREFIX + "room:"

START_TIMEOUT = 1.0


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message from another instance.

    On the control channel: with `at`, a client connected there at that time; without, a text
    for one client.
    """

    channel: str
    sender: str
    text: str
    client: str
    at: float | None

    @property
    def room(self) -> str:
        return self.channel.removeprefix(ROOM)


def room_channel(room: str) -> str:
    """Return the channel of a room."""
    return ROOM + room


def parse(channel: str, payload: bytes) -> Envelope:
    """Return the message in a payload; ValueError when it is not one of ours."""
    fields = json.loads(payload)
    if not isinstance(fields, dict):
        raise ValueError("not an object")
    envelope = Envelope(
        channel,
        fields.get("from", ""),
        fields.get("text", ""),
        fields.get("client", ""),
        fields.get("at"),
    )
    texts = (envelope.sender, envelope.text, envelope.client)
    if not all(isinstance(text, str) for text in texts) or not envelope.sender:
        raise ValueError("a field has the wrong type")
    if not isinstance(envelope.at, float | None):
        raise ValueError("`at` is no time")
    return envelope


class PubSub:
    """The link to the other instances; without WS_REDIS_URL it does nothing."""

    def __init__(
        self, rooms: Callable[[], Iterable[str]], deliver: Callable[[Envelope], None]
    ) -> None:
        self._instance = uuid4().hex
        self._rooms = rooms
        self._deliver = deliver
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
        # Each task has a link of its own, because each finds its own way through a cluster.
        self._subscriber = Subscriber(RedisLink(settings.ws_redis_url), self._wanted, self._hear)
        self._publisher = Publisher(RedisLink(settings.ws_redis_url))
        await self._subscriber.wait_until_live(START_TIMEOUT)

    async def stop(self) -> None:
        """Publish what is queued, end the tasks, close the connections."""
        publisher, subscriber = self._publisher, self._subscriber
        self.abandon()
        if publisher is not None:
            await publisher.stop()
        if subscriber is not None:
            await subscriber.stop()

    def abandon(self) -> None:
        """Forget tasks whose event loop has ended."""
        self._publisher = self._subscriber = None

    async def publish(self, channel: str, **fields: Any) -> None:
        """Send to the other instances; never fails, and waits only for a queue that is full."""
        if self._publisher is not None:
            await self._publisher.publish(channel, json.dumps({"from": self._instance} | fields))

    async def watch(self, room: str) -> None:
        """Return when messages of the room reach this instance."""
        if self._subscriber is not None:
            await self._subscriber.watch(room_channel(room))

    def unwatch(self, room: str) -> None:
        """Give a room up that has no members here any more."""
        if self._subscriber is not None:
            self._subscriber.unwatch(room_channel(room))

    def _wanted(self) -> list[str]:
        return [CONTROL, ALL, *map(room_channel, self._rooms())]

    def _hear(self, channel: str, payload: bytes) -> None:
        try:
            envelope = parse(channel, payload)
        except ValueError as error:
            logger.warning("skipped a message on %s: %s", channel, error)
            return
        if envelope.sender != self._instance:  # our own clients have it already
            self._deliver(envelope)
