"""Upload to S3 in parts: few in memory at a time, nothing left behind by one that fails."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from typing import Any

from core._storage.data import Piece, Read
from core._storage.s3_client import ask, get_client
from core._storage.s3_errors import errors_named

logger = logging.getLogger(__name__)

PART = 5 * 1024 * 1024  # bytes; S3 allows no less
AT_ONCE = 3  # parts on their way; they and the one being read are in memory
GROW_EVERY = 1000  # parts, of which S3 allows 10,000: later ones are larger, up to 275 GB in all
ABORT_WITHIN = 10.0  # seconds

Part = dict[str, int | str]


def part_size(number: int) -> int:
    """Return how many bytes a part has, the first being number 1."""
    return PART * (1 + (number - 1) // GROW_EVERY)


async def upload_parts(
    target: dict[str, str], options: Mapping[str, Any], first: Piece, read: Read
) -> None:
    """Upload the first part and all that is to read; abort on an error or a cancel."""
    creating = asyncio.ensure_future(_create(target, options))
    try:
        # A cancel waits for the name of what then has to be aborted.
        upload_id = await asyncio.shield(creating)
        parts = await _send_all(target | {"UploadId": upload_id}, first, read)
        async with errors_named(target["Key"]):
            await ask(
                "complete_multipart_upload",
                **target,
                UploadId=upload_id,
                MultipartUpload={"Parts": parts},
            )
    except BaseException:
        await _finish(_abort(target, creating))
        raise


async def _create(target: dict[str, str], options: Mapping[str, Any]) -> str:
    async with errors_named(target["Key"]):
        answer = await ask("create_multipart_upload", **target, **options)
    upload_id: str = answer["UploadId"]
    return upload_id


async def _send_all(upload: Mapping[str, str], piece: Piece, read: Read) -> list[Part]:
    free = asyncio.Semaphore(AT_ONCE)
    sent: list[asyncio.Task[Part]] = []
    try:
        async with asyncio.TaskGroup() as tasks:
            while piece:
                await free.acquire()
                number = len(sent) + 1
                sent.append(tasks.create_task(_send(upload, number, bytes(piece), free)))
                piece = b""  # not in memory twice while it is sent
                piece = await read(part_size(number + 1))
    except BaseExceptionGroup as group:
        # One cause is enough; the others are what it led to.
        raise group.exceptions[0] from None
    return [task.result() for task in sent]


async def _send(
    upload: Mapping[str, str], number: int, body: bytes, free: asyncio.Semaphore
) -> Part:
    try:
        async with errors_named(upload["Key"]):
            answer = await ask("upload_part", **upload, PartNumber=number, Body=body)
        return {"PartNumber": number, "ETag": answer["ETag"]}
    finally:
        free.release()


async def _finish(work: Awaitable[None]) -> None:
    # Whoever cancels the upload once more does not stop it.
    job = asyncio.ensure_future(work)
    while not job.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(job)


async def _abort(target: dict[str, str], creating: asyncio.Future[str]) -> None:
    await asyncio.wait([creating])
    if creating.cancelled() or creating.exception() is not None:
        return
    try:
        async with asyncio.timeout(ABORT_WITHIN), errors_named(target["Key"]):
            client = await get_client()  # not `ask`: the circuit may be open
            await client.abort_multipart_upload(**target, UploadId=creating.result())
    except Exception as error:
        logger.warning("the parts of an upload are left in S3 (%s)", type(error).__name__)
