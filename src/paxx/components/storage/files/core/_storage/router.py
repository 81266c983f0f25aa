"""Serve the signed URLs of the local backend as S3 serves its own."""

import inspect
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from email.utils import format_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse

from core._storage import signed_urls
from core._storage.backend import get_storage
from core._storage.local import LocalStorage, OpenedObject
from core._storage.types import InvalidKeyError, ObjectNotFoundError

MAX_UPLOAD = 100 * 1024 * 1024  # bytes; what is put under one signed URL
# FastAPI limits bodies since 0.164; MAX_BODY_BYTES is for those that are held in memory.
LIMIT: dict[str, Any] = (
    {"max_body_size": MAX_UPLOAD}
    if "max_body_size" in inspect.signature(APIRouter.put).parameters
    else {}
)

HEADERS = {
    # An upload must not become a page of this site, whatever is in it.
    "Content-Disposition": "attachment",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private",
    "Accept-Ranges": "bytes",
}

router = APIRouter(prefix=signed_urls.PATH, tags=["storage"])

Expires = Annotated[int, Query()]
Signature = Annotated[str, Query(max_length=64)]


async def _opened(
    key: str, expires: Expires = 0, signature: Signature = ""
) -> AsyncIterator[OpenedObject]:
    try:
        async with _local(key, "GET", expires, signature).opened(key) as opened:
            yield opened
    except (ObjectNotFoundError, InvalidKeyError) as error:
        raise HTTPException(404) from error


@router.head("/{key:path}", include_in_schema=False)
@router.get("/{key:path}", response_class=StreamingResponse)
async def get_object(
    request: Request, opened: Annotated[OpenedObject, Depends(_opened)]
) -> Response:
    """Send an object, or the part that a Range header asks for."""
    stat = opened.stat
    headers = HEADERS | {
        "ETag": f'"{stat.etag}"',
        "Last-Modified": format_datetime(stat.modified, usegmt=True),
        "Content-Type": stat.content_type,
    }
    part = _range(_asked(request, headers["ETag"]), stat.size)
    start, end = part or (0, stat.size)
    headers["Content-Length"] = str(end - start)
    status = 200
    if part is not None:
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{stat.size}"
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    return StreamingResponse(opened.pieces(start, end), status, headers)


@router.put("/{key:path}", **LIMIT)
async def put_object(
    key: str, request: Request, expires: Expires = 0, signature: Signature = ""
) -> Response:
    """Store the body as an object, of the content type that the client names."""
    storage = _local(key, "PUT", expires, signature)
    with suppress(ValueError):
        if int(request.headers.get("content-length", "0")) > MAX_UPLOAD:
            raise HTTPException(413)
    content_type = request.headers.get("content-type")
    try:
        await storage.upload(key, _limited(request), content_type=content_type)
    except ValueError as error:
        raise HTTPException(400) from error
    return Response(status_code=200)


def _local(key: str, method: str, expires: int, signature: str) -> LocalStorage:
    storage = get_storage()
    if not isinstance(storage, LocalStorage):
        raise HTTPException(404)
    if not signed_urls.is_signed(key, method, expires, signature):
        raise HTTPException(403)
    return storage


async def _limited(request: Request) -> AsyncIterator[bytes]:
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > MAX_UPLOAD:
            raise HTTPException(413)
        yield chunk


def _asked(request: Request, etag: str) -> str:
    # A download that is resumed must not be sewn together from two contents.
    same = request.headers.get("if-range", etag) == etag
    return request.headers.get("range", "") if same else ""


def _range(asked: str, size: int) -> tuple[int, int] | None:
    match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", asked)
    if match is None or not any(match.groups()):
        return None  # several ranges, or another unit: the whole is a right answer
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if start >= size:
        raise HTTPException(416, headers={"Content-Range": f"bytes */{size}"})
    return (start, end) if start < end else None
