"""Hears what other instances send: one connection, subscribed to what has local members."""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from core._ws.redis import RedisLink

logger = logging.getLogger(__name__)

FIRST_DELAY, LONGEST_DELAY = 0.1, 1.0  # seconds between attempts, doubled each time
SUBSCRIBE_TIMEOUT = 1.0  # how long `watch` waits for Redis
PING_INTERVAL = 2.0
SILENCE_LIMIT = 5.0  # a server that answers no ping for so long is away
BATCH_SIZE = 500  # channels in one command
YIELD_EVERY = 16  # messages; then the writers of the connections get a turn

Hear = Callable[[str, bytes], None]


class Subscriber:
    """Keeps the subscriptions equal to `wanted`, over every interruption."""

    def __init__(self, link: RedisLink, wanted: Callable[[], Iterable[str]], hear: Hear) -> None:
        self.is_live = False
        self._link = link
        self._wanted = wanted
        self._hear = hear
        self._asked: set[str] = set()
        self._confirmed: set[str] = set()
        self._missing: set[str] = set()
        self._dropping: Counter[str] = Counter()
        self._changed: dict[str, bool] = {}
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}
        self._wake = asyncio.Event()
        self._live = asyncio.Event()
        self._heard_at = 0.0
        self._is_away = False
        self._task = asyncio.create_task(self._run())

    async def wait_until_live(self, seconds: float) -> None:
        """Return when everything wanted is subscribed to, or after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._live.wait()

    async def watch(self, channel: str) -> None:
        """Return when the channel is subscribed to; at once while Redis is away."""
        self._changed[channel] = True
        self._wake.set()
        if channel in self._confirmed or not self.is_live:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(channel, []).append(future)
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

    def _interrupted(self, error: BaseException) -> None:
        self.is_live = False
        self._live.clear()
        for channel in list(self._waiting):
            self._tell(channel)
        if not self._link.follow(error) and not self._is_away:
            self._is_away = True
            logger.warning(
                "subscription to Redis lost (%s): nothing comes from other instances",
                type(error).__name__,
            )

    async def _session(self) -> None:
        connection = await self._link.open()
        try:
            self._changed.clear()
            channels = list(self._wanted())
            self._asked = set(channels)
            self._missing = set(channels)
            self._confirmed = set()
            self._dropping.clear()
            self._heard_at = asyncio.get_running_loop().time()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read(connection))
                group.create_task(self._write(connection, channels))
        finally:
            await self._link.drop(connection)

    async def _read(self, connection: Any) -> None:
        count = 0
        while True:
            kind, channel, content = await self._link.read(connection)
            self._heard_at = asyncio.get_running_loop().time()
            if kind == "message":
                self._hear(channel, content)
                count += 1
                if count % YIELD_EVERY == 0:
                    await asyncio.sleep(0)
            elif kind == "subscribed":
                self._confirm(channel)
            elif kind == "unsubscribed":
                self._given_up(channel)

    def _given_up(self, channel: str) -> None:
        if not self._dropping[channel]:
            # A cluster that moves our channels to another node ends the subscriptions by itself.
            raise ConnectionError("the server ended a subscription")
        self._dropping[channel] -= 1

    def _confirm(self, channel: str) -> None:
        if channel in self._asked:
            self._confirmed.add(channel)
        self._tell(channel)
        self._missing.discard(channel)
        if not self._missing and not self.is_live:
            self.is_live = True
            self._live.set()
            if self._is_away:
                self._is_away = False
                logger.info("subscribed to Redis again")

    def _tell(self, channel: str) -> None:
        for future in self._waiting.pop(channel, ()):
            if not future.done():
                future.set_result(None)

    async def _write(self, connection: Any, channels: list[str]) -> None:
        await self._subscribe(connection, channels)
        loop = asyncio.get_running_loop()
        pinged_at = loop.time()
        while True:
            await self._wait_for_changes()
            await self._follow_changes(connection)
            if loop.time() - pinged_at >= PING_INTERVAL * 0.9:
                if loop.time() - self._heard_at > SILENCE_LIMIT:
                    raise TimeoutError("Redis does not answer")
                await self._link.ping(connection)
                pinged_at = loop.time()

    async def _wait_for_changes(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PING_INTERVAL):
                await self._wake.wait()
        self._wake.clear()

    async def _follow_changes(self, connection: Any) -> None:
        changed, self._changed = self._changed, {}
        add = [channel for channel, wanted in changed.items() if wanted]
        add = [channel for channel in add if channel not in self._asked]
        drop = [channel for channel, wanted in changed.items() if not wanted]
        drop = [channel for channel in drop if channel in self._asked]
        self._asked.difference_update(drop)
        self._confirmed.difference_update(drop)
        self._asked.update(add)
        self._dropping += Counter(drop)  # which forgets those that are at zero
        for batch in _batches(drop):
            await self._link.unsubscribe(connection, batch)
        await self._subscribe(connection, add)

    async def _subscribe(self, connection: Any, channels: list[str]) -> None:
        for batch in _batches(channels):
            await self._link.subscribe(connection, batch)


def _batches(channels: list[str]) -> Iterable[list[str]]:
    return (channels[start : start + BATCH_SIZE] for start in range(0, len(channels), BATCH_SIZE))
