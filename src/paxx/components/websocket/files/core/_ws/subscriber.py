"""Hears what other instances send: one connection, subscribed to what has local members."""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

logger = logging.getLogger(__name__)

FIRST_DELAY, LONGEST_DELAY = 0.1, 1.0  # seconds between attempts, doubled each time
HANDSHAKE_TIMEOUT = 1.0
SUBSCRIBE_TIMEOUT = 1.0  # how long `watch` waits for Redis
PING_INTERVAL = 2.0
SILENCE_LIMIT = 5.0  # a server that answers no ping for so long is unreachable
BATCH_SIZE = 500  # channels in one command
YIELD_EVERY = 16  # messages; then the writers of the connections get a turn


class Subscriber:
    """Keeps the subscriptions equal to `wanted`, over every interruption.

    `hear` gets each message, and `resumed` is called when an interruption is over.
    """

    def __init__(
        self,
        redis: Any,
        wanted: Callable[[], Iterable[str]],
        hear: Callable[[str, bytes], None],
        resumed: Callable[[], None],
    ) -> None:
        self._redis = redis
        self._wanted = wanted
        self._hear = hear
        self._resumed = resumed
        self._asked: set[str] = set()
        self._confirmed: set[str] = set()
        self._missing = 0
        self._changed: dict[str, bool] = {}
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._wake = asyncio.Event()
        self._live = asyncio.Event()
        self._is_away = False
        self._task = asyncio.create_task(self._run())

    @property
    def is_live(self) -> bool:
        """Whether everything wanted is subscribed to."""
        return self._live.is_set()

    async def wait_until_live(self, seconds: float) -> None:
        """Return when everything wanted is subscribed to, or after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._live.wait()

    async def watch(self, channel: str) -> None:
        """Return when the channel is subscribed to; at once while Redis is unreachable."""
        self._changed[channel] = True
        self._wake.set()
        if self.is_live and channel not in self._confirmed:
            future = asyncio.get_running_loop().create_future()
            future = self._waiting.setdefault(channel, future)
            await asyncio.wait([future], timeout=SUBSCRIBE_TIMEOUT)

    def unwatch(self, channel: str) -> None:
        """Give the channel up soon."""
        self._changed[channel] = False
        self._wake.set()

    async def stop(self) -> None:
        """End the subscriptions and the connection."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        delay = FIRST_DELAY
        while True:
            try:
                await self._session()
            except Exception as error:  # whatever it is, try again
                cause = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
                delay = FIRST_DELAY if self.is_live else min(delay * 2, LONGEST_DELAY)
                self._interrupted(cause)
                await asyncio.sleep(delay * random.uniform(0.8, 1.2))  # noqa: S311

    def _interrupted(self, error: Exception) -> None:
        self._live.clear()
        for channel in list(self._waiting):
            self._end_wait(channel)
        if not self._is_away:
            self._is_away = True
            logger.warning(
                "subscription to Redis lost (%s): nothing comes from other instances",
                type(error).__name__,
            )

    async def _session(self) -> None:
        async with self._redis.pubsub() as pubsub:
            async with asyncio.timeout(HANDSHAKE_TIMEOUT):
                await pubsub.connect()
            self._changed.clear()
            channels = list(self._wanted())
            self._asked, self._confirmed = set(channels), set()
            self._missing = len(channels)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read(pubsub))
                group.create_task(self._write(pubsub, channels))

    async def _read(self, pubsub: Any) -> None:
        count = 0
        while True:
            message = await pubsub.get_message(timeout=SILENCE_LIMIT)
            if message is None:
                raise TimeoutError("Redis does not answer")
            if message["type"] == "message":
                self._hear(message["channel"].decode(errors="replace"), message["data"])
                count += 1
                if count % YIELD_EVERY == 0:
                    await asyncio.sleep(0)
            elif message["type"] == "subscribe":
                self._confirm(message["channel"].decode(errors="replace"))

    def _confirm(self, channel: str) -> None:
        if channel in self._asked:
            self._confirmed.add(channel)
        self._end_wait(channel)
        self._missing -= 1  # answers come in order: first those of the channels of the start
        if self._missing == 0:
            self._live.set()
            if self._is_away:
                self._is_away = False
                logger.info("subscribed to Redis again")
                self._resumed()

    def _end_wait(self, channel: str) -> None:
        future = self._waiting.pop(channel, None)
        if future is not None and not future.done():
            future.set_result(None)

    async def _write(self, pubsub: Any, channels: list[str]) -> None:
        await _in_batches(pubsub.subscribe, channels)
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(PING_INTERVAL):
                    await self._wake.wait()
            self._wake.clear()
            changed, self._changed = self._changed, {}
            if changed:
                await self._follow(pubsub, changed)
            else:
                await pubsub.ping()

    async def _follow(self, pubsub: Any, changed: dict[str, bool]) -> None:
        wanted = {channel for channel, is_wanted in changed.items() if is_wanted}
        drop = self._asked & (changed.keys() - wanted)
        add = wanted - self._asked
        self._asked -= drop
        self._asked |= add
        self._confirmed -= drop
        await _in_batches(pubsub.unsubscribe, list(drop))
        await _in_batches(pubsub.subscribe, list(add))


async def _in_batches(command: Any, channels: list[str]) -> None:
    for start in range(0, len(channels), BATCH_SIZE):
        await command(*channels[start : start + BATCH_SIZE])
