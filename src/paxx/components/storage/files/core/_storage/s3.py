"""Objects in a bucket of S3, or of a server that speaks its protocol."""

from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped, unused-ignore]

from core._storage.data import Piece, in_memory, reader
from core._storage.keys import (
    DEFAULT_CONTENT_TYPE,
    check_content_type,
    check_key,
    check_metadata,
    check_prefix,
    check_range,
    expiry_seconds,
)
from core._storage.multipart import PART, upload_parts
from core._storage.s3_client import ask, close_client, get_client, signed_url, url_of
from core._storage.s3_errors import MISSING, code_of, errors_named
from core._storage.types import Data, Method, ObjectStat, Storage, StoredObject
from settings import settings

PIECE = 256 * 1024


class S3Storage(Storage):
    """A bucket as a backend; see `Storage` for what its methods promise."""

    async def upload(
        self,
        key: str,
        data: Data,
        *,
        content_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Store an object: in one request if it is small, otherwise in parts."""
        check_key(key)
        options = {
            "ContentType": check_content_type(key, content_type),
            "Metadata": check_metadata(metadata),
        }
        target, read = _target(key), reader(data)
        first = await read(PART)
        if len(first) == PART:
            await upload_parts(target, options, first, read)
            return await url_of(key)
        async with errors_named(key):
            await ask("put_object", **target, **options, Body=_body(data, first))
        return await url_of(key)

    async def download(self, key: str) -> bytes:
        """Return a whole object."""
        check_key(key)
        async with errors_named(key):
            answer = await ask("get_object", **_target(key))
            async with answer["Body"]:
                content: bytes = await answer["Body"].read()
                return content

    async def stream(
        self, key: str, *, start: int = 0, length: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield an object as it was when the first piece was asked for."""
        check_key(key)
        check_range(start, length)
        if length == 0:
            await self.stat(key)
            return
        async with errors_named(key):
            answer = await _ranged(key, start, length)
            if answer is None:
                return
            async with answer["Body"]:
                while piece := await answer["Body"].read(PIECE):
                    yield piece

    async def delete(self, key: str) -> None:
        """Delete an object."""
        check_key(key)
        async with errors_named(key):
            await ask("delete_object", **_target(key))

    async def stat(self, key: str) -> ObjectStat:
        """Return what is known of an object."""
        check_key(key)
        async with errors_named(key):
            answer = await _head(key)
        return ObjectStat(
            key,
            answer["ContentLength"],
            answer["LastModified"],
            answer["ETag"].strip('"'),
            answer.get("ContentType") or DEFAULT_CONTENT_TYPE,
            dict(answer.get("Metadata", {})),
        )

    async def list(self, prefix: str = "") -> AsyncGenerator[StoredObject, None]:
        """Yield the objects whose keys begin with `prefix`."""
        check_prefix(prefix)
        async with errors_named():
            page = {"Bucket": settings.storage_s3_bucket, "Prefix": prefix}
            while page:
                answer = await ask("list_objects_v2", **page)
                for each in answer.get("Contents", []):
                    tag = each["ETag"].strip('"')
                    yield StoredObject(each["Key"], each["Size"], each["LastModified"], tag)
                more = answer.get("NextContinuationToken")
                page = page | {"ContinuationToken": more} if more else {}

    async def copy(self, source: str, target: str) -> str:
        """Copy an object within S3, of at most 5 GiB."""
        check_key(source)
        check_key(target)
        await self.stat(source)
        if source != target:  # S3 refuses to
            async with errors_named(source):
                await ask("copy_object", **_target(target), CopySource=_target(source))
        return await url_of(target)

    async def presign(
        self, key: str, method: Method = "GET", *, expires: int | timedelta = 3600
    ) -> str:
        """Return a signed URL; a browser that GETs it saves the file, whatever is in it."""
        check_key(key)
        seconds = expiry_seconds(expires)
        parameters = _target(key)
        if method == "GET":
            parameters["ResponseContentDisposition"] = "attachment"
        async with errors_named(key):
            return await signed_url(f"{method.lower()}_object", seconds, **parameters)

    async def ready(self) -> None:
        """Return when the bucket is there and may be used."""
        async with errors_named():
            await ask("head_bucket", Bucket=settings.storage_s3_bucket)

    async def open(self) -> None:
        """Make the client, which takes a while, before requests come."""
        await get_client()

    async def close(self) -> None:
        """Close the client."""
        await close_client()


def _target(key: str) -> dict[str, str]:
    return {"Bucket": settings.storage_s3_bucket, "Key": key}


def _body(data: Data, first: Piece) -> bytes:
    view = in_memory(data)
    return data if view is not None and isinstance(data, bytes) else bytes(first)


async def _head(key: str) -> Any:
    try:
        return await ask("head_object", **_target(key))
    except ClientError as error:
        if code_of(error) in MISSING:
            # An answer without a body does not say whether it is the bucket that is missing.
            async with errors_named():
                await ask("head_bucket", Bucket=settings.storage_s3_bucket)
        raise


async def _ranged(key: str, start: int, length: int | None) -> Any:
    options = {}
    if start or length is not None:
        options["Range"] = f"bytes={start}-{'' if length is None else start + length - 1}"
    try:
        return await ask("get_object", **_target(key), **options)
    except ClientError as error:
        if code_of(error) == "InvalidRange":  # it begins beyond the end
            return None
        raise
