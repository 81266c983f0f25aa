"""Publishes what this instance sends, in order, without anybody waiting for Redis."""

import asyncio
import logging
from typing import Any

from core._ws.metrics import UNPUBLISHED
from core._ws.redis import RedisLink

logger = logging.getLogger(__name__)

QUEUE_SIZE = 1000  # messages
BATCH_SIZE = 100
PUBLISH_TIMEOUT = 1.0  # for a batch, and for a place in the queue
QUIET_AFTER_FAILURE = 0.25


class Publisher:
    """A queue and the task that empties it into Redis.

    While Redis is away messages are dropped and counted: other instances are away from it, too,
    and would get them long after, or twice.
    """

    def __init__(self, link: RedisLink) -> None:
        self.lost = 0
        self._link = link
        self._queue: asyncio.Queue[tuple[str, str]] = asyncio.Queue(QUEUE_SIZE)
        self._connection: Any = None
        self._is_quiet = False
        self._is_away = False
        self._task = asyncio.create_task(self._run())

    async def publish(self, channel: str, payload: str) -> None:
        """Queue a message; waits only when the queue is full, and no longer than the timeout."""
        if self._is_quiet:
            self._lose(1)
            return
        try:
            self._queue.put_nowait((channel, payload))
        except asyncio.QueueFull:
            await self._wait_for_a_place(channel, payload)

    async def _wait_for_a_place(self, channel: str, payload: str) -> None:
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT):
                await self._queue.put((channel, payload))
        except TimeoutError:
            self._lose(1)

    async def stop(self) -> None:
        """Publish what is queued, for no longer than the timeout, and close the connection."""
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT):
                await self._queue.join()
        except TimeoutError:
            self._lose(self._queue.qsize())
        self._task.cancel()
        await asyncio.wait([self._task])
        await self._drop_connection()

    async def _run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < BATCH_SIZE and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            try:
                await self._send(batch)
            except Exception as error:  # whatever it is, the application goes on
                await self._failed(error, batch)
            else:
                self._succeeded()
            for _ in batch:
                self._queue.task_done()

    async def _send(self, batch: list[tuple[str, str]]) -> None:
        async with asyncio.timeout(PUBLISH_TIMEOUT):
            try:
                await self._send_once(batch)
            except self._link.errors.ResponseError as error:
                if not self._link.follow(error):
                    raise
                # All channels of ours are in one slot: none of the batch was published.
                await self._drop_connection()
                await self._send_once(batch)

    async def _send_once(self, batch: list[tuple[str, str]]) -> None:
        if self._connection is None:
            self._connection = await self._link.open()
        await self._link.publish(self._connection, batch)

    async def _failed(self, error: Exception, batch: list[tuple[str, str]]) -> None:
        self._lose(len(batch))
        self._is_quiet = True
        if not self._is_away:
            self._is_away = True
            logger.warning(
                "Redis is away (%s): messages reach the clients of this instance alone",
                type(error).__name__,
            )
        self._link.follow(error)
        await self._drop_connection()
        await asyncio.sleep(QUIET_AFTER_FAILURE)
        self._is_quiet = False

    def _succeeded(self) -> None:
        if self._is_away:
            self._is_away = False
            logger.info("Redis is back: messages reach all instances; %d did not", self.lost)

    def _lose(self, count: int) -> None:
        self.lost += count
        UNPUBLISHED.inc(count)

    async def _drop_connection(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await self._link.drop(connection)
