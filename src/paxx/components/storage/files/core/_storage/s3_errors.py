"""What the errors of the S3 client mean."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientError as HttpError
from botocore.exceptions import (  # type: ignore[import-untyped, unused-ignore]
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)

from core._storage.types import (
    AccessDeniedError,
    BucketNotFoundError,
    ObjectNotFoundError,
    StorageError,
    StorageUnavailableError,
)
from settings import settings

DENIED = {
    "403",
    "401",
    "AccessDenied",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "SignatureDoesNotMatch",
}
MISSING = {"404", "NoSuchKey"}
UNREACHABLE = (EndpointConnectionError, HTTPClientError, HttpError, OSError)
BUSY = {"SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "Throttling"}


@asynccontextmanager
async def errors_named(key: str | None = None) -> AsyncIterator[None]:
    """Turn the client's errors into those of `core._storage.types`."""
    try:
        yield
    except StorageError:
        raise  # some are of the operating system's errors, too
    except ClientError as error:
        raise _meaning(error, key) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise AccessDeniedError(
            "no credentials: set STORAGE_S3_ACCESS_KEY and STORAGE_S3_SECRET_KEY"
        ) from error
    except (BotoCoreError, HttpError, OSError) as error:
        # The text of these errors may hold a signed URL.
        raise StorageUnavailableError(f"S3 does not answer ({type(error).__name__})") from None


def code_of(error: ClientError) -> str:
    """Return the code of an answer, `404` and the like where it has no body."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _meaning(error: ClientError, key: str | None) -> StorageError:
    code = code_of(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "NoSuchBucket" or (key is None and code in MISSING):
        return BucketNotFoundError(
            f"there is no bucket {settings.storage_s3_bucket!r} (STORAGE_S3_BUCKET)"
        )
    if code in MISSING:
        return ObjectNotFoundError(f"there is no object {key!r}")
    if code in DENIED or status in (401, 403):
        return AccessDeniedError(f"S3 refuses {error.operation_name} ({code})")
    if code in BUSY or status >= 500:
        return StorageUnavailableError(f"S3 could not do {error.operation_name} ({code})")
    return StorageError(f"S3 refuses {error.operation_name} ({code})")
