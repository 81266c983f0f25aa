"""Upload to S3 in parts: few in memory at a time, nothing left behind by one that fails."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from core._storage.data import Read
from core._storage.s3_client import ask, get_client
from core._storage.s3_errors import errors_named

logger = logging.getLogger(__name__)

PART = 5 * 1024 * 1024  # bytes; S3 allows no less
AT_ONCE = 3  # parts on their way; they and the one being read are in memory
GROW_EVERY = 1000  # parts, of which S3 allows 10,000: later ones are larger, up to 275 GB in all
ABORT_WITHIN = 10.0  # seconds

Send = Callable[[int, str], Awaitable[dict[str, Any]]]


def part_size(number: int) -> int:
    """Return how many bytes a part has, the first being number 1."""
    return PART * (1 + (number - 1) // GROW_EVERY)


async def upload_parts(target: Mapping[str, str], options: Mapping[str, Any], read: Read) -> None:
    """Upload all that is to read."""

    async def fill(parts: "Parts") -> None:
        number = 1
        while piece := await read(part_size(number)):
            send = _sender(target, bytes(piece))
            del piece  # not in memory twice while it waits for its turn
            await parts.add(send)
            number += 1

    await in_parts(target, options, fill)


def _sender(target: Mapping[str, str], body: bytes) -> Send:
    async def send(number: int, upload_id: str) -> dict[str, Any]:
        part = {"UploadId": upload_id, "PartNumber": number, "Body": body}
        answer: dict[str, Any] = await ask("upload_part", **target, **part)
        return answer

    return send


class Parts:
    """Parts of one upload; `add` waits while AT_ONCE of them are on their way."""

    def __init__(self, key: str, upload_id: str, tasks: asyncio.TaskGroup) -> None:
        self.key = key
        self.upload_id = upload_id
        self.tasks = tasks
        self.free = asyncio.Semaphore(AT_ONCE)
        self.done: dict[int, str] = {}
        self.count = 0

    async def add(self, send: Send) -> None:
        """Begin to send the next part."""
        await self.free.acquire()
        self.count += 1
        self.tasks.create_task(self._send(self.count, send))

    async def _send(self, number: int, send: Send) -> None:
        try:
            async with errors_named(self.key):
                answer = await send(number, self.upload_id)
            self.done[number] = answer.get("CopyPartResult", answer)["ETag"]
        finally:
            self.free.release()


async def in_parts(
    target: Mapping[str, str],
    options: Mapping[str, Any],
    fill: Callable[[Parts], Awaitable[None]],
) -> None:
    """Make an object of the parts that `fill` adds; abort it all when one fails or on cancel."""
    creating = asyncio.ensure_future(_create(target, options))
    try:
        # A cancel waits for the name of what then has to be aborted.
        upload_id = await asyncio.shield(creating)
        done = await _all_parts(target["Key"], upload_id, fill)
        parts = [{"PartNumber": number, "ETag": done[number]} for number in sorted(done)]
        whole = {"UploadId": upload_id, "MultipartUpload": {"Parts": parts}}
        async with errors_named(target["Key"]):
            await ask("complete_multipart_upload", **target, **whole)
    except BaseException:
        await _finish(_abort(target, creating))
        raise


async def _create(target: Mapping[str, str], options: Mapping[str, Any]) -> str:
    async with errors_named(target["Key"]):
        answer = await ask("create_multipart_upload", **target, **options)
    upload_id: str = answer["UploadId"]
    return upload_id


async def _all_parts(
    key: str, upload_id: str, fill: Callable[[Parts], Awaitable[None]]
) -> dict[int, str]:
    try:
        async with asyncio.TaskGroup() as tasks:
            parts = Parts(key, upload_id, tasks)
            await fill(parts)
    except BaseExceptionGroup as group:
        # One cause is enough; the others are what it led to.
        raise group.exceptions[0] from None
    return parts.done


async def _finish(work: Awaitable[None]) -> None:
    # Whoever cancels the upload once more does not stop it.
    job = asyncio.ensure_future(work)
    while not job.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(job)


async def _abort(target: Mapping[str, str], creating: asyncio.Future[str]) -> None:
    await asyncio.wait([creating])
    if creating.cancelled() or creating.exception() is not None:
        return
    try:
        async with asyncio.timeout(ABORT_WITHIN), errors_named(target["Key"]):
            client = await get_client()  # not `ask`: the circuit may be open
            await client.abort_multipart_upload(**target, UploadId=creating.result())
    except Exception as error:
        logger.warning("the parts of an upload are left in S3 (%s)", type(error).__name__)
