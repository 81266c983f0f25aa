"""Publishes what this instance sends, in order, without anybody waiting for Redis."""

import asyncio
import logging
from typing import Any

from core._ws.metrics import UNPUBLISHED

logger = logging.getLogger(__name__)

QUEUE_SIZE = 1000  # messages
BATCH_SIZE = 100
PUBLISH_TIMEOUT = 1.0  # for a batch, and for a place in the queue
QUIET_AFTER_FAILURE = 0.25


class Publisher:
    """A queue and the task that empties it into Redis.

    While Redis is unreachable, messages are dropped and counted: other instances cannot reach it
    either, and would get them long after.
    """

    def __init__(self, redis: Any) -> None:
        self.lost = 0
        self._redis = redis
        self._queue: asyncio.Queue[tuple[str, str]] = asyncio.Queue(QUEUE_SIZE)
        self._is_quiet = False
        self._is_away = False
        self._task = asyncio.create_task(self._run())

    async def publish(self, channel: str, payload: str) -> None:
        """Queue a message; waits only when the queue is full, and no longer than the timeout."""
        if self._is_quiet:
            self._lose(1)
        elif not self._queue.full():
            self._queue.put_nowait((channel, payload))
        else:
            try:
                async with asyncio.timeout(PUBLISH_TIMEOUT):
                    await self._queue.put((channel, payload))
            except TimeoutError:
                self._lose(1)

    async def stop(self) -> None:
        """Publish what is queued, for no longer than the timeout."""
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT):
                await self._queue.join()
        except TimeoutError:
            self._lose(self._queue.qsize())
        self._task.cancel()
        await asyncio.wait([self._task])

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
            pipeline = self._redis.pipeline(transaction=False)
            for channel, payload in batch:
                pipeline.publish(channel, payload)
            await pipeline.execute()

    async def _failed(self, error: Exception, batch: list[tuple[str, str]]) -> None:
        self._lose(len(batch))
        self._is_quiet = True
        if not self._is_away:
            self._is_away = True
            logger.warning(
                "Redis is unreachable (%s): messages reach only the clients of this instance",
                type(error).__name__,
            )
        await asyncio.sleep(QUIET_AFTER_FAILURE)
        self._is_quiet = False

    def _succeeded(self) -> None:
        if self._is_away:
            self._is_away = False
            logger.info("messages reach all instances again; %d did not", self.lost)

    def _lose(self, count: int) -> None:
        self.lost += count
        UNPUBLISHED.inc(count)
