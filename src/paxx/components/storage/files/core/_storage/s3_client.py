"""The S3 client of an event loop, and what its errors mean."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import aioboto3  # type: ignore[import-untyped, unused-ignore]
from aiobotocore.config import AioConfig  # type: ignore[import-untyped, unused-ignore]
from aiohttp import ClientError as HttpError
from botocore.exceptions import (  # type: ignore[import-untyped, unused-ignore]
    BotoCoreError,
    ClientError,
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

CONNECT_TIMEOUT = 2.0  # seconds, for each attempt
READ_TIMEOUT = 10.0  # seconds without a byte, for each attempt
ATTEMPTS = 3
CALL_TIMEOUT = 30.0  # seconds for a request and its repetitions, but not for a body that comes back
MAX_CONNECTIONS = 50

# Clients that do not have these yet send no checksum unless it is required.
CHECKSUMS = ("request_checksum_calculation", "response_checksum_validation")

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
BUSY = {"SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "Throttling"}

Opened = AsyncGenerator["Clients", None]


@dataclass(frozen=True, slots=True)
class Clients:
    """The client, and the one that signs URLs: it sends nothing, and may have another address."""

    client: Any
    signer: Any


_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Clients] = WeakKeyDictionary()
_endings: WeakKeyDictionary[asyncio.AbstractEventLoop, Opened] = WeakKeyDictionary()
_opening: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def get_client() -> Any:
    """Return the client of the running event loop, made when it is first asked for.

    Raises ValueError for settings that cannot be right; no server is asked.
    """
    return (await _opened()).client


async def get_signer() -> Any:
    """Return the client that signs URLs for STORAGE_S3_PUBLIC_URL."""
    return (await _opened()).signer


async def _opened() -> Clients:
    loop = asyncio.get_running_loop()
    if loop in _clients:
        return _clients[loop]
    async with _opening.setdefault(loop, asyncio.Lock()):
        if loop not in _clients:
            opened = _open()
            _clients[loop] = await anext(opened)
            _endings[loop] = opened
    return _clients[loop]


async def ask(operation: str, **parameters: Any) -> Any:
    """Send a request; TimeoutError when it takes longer than CALL_TIMEOUT.

    The client's own timeouts do not notice a server that stops reading.
    """
    client = await get_client()
    async with asyncio.timeout(CALL_TIMEOUT):
        return await getattr(client, operation)(**parameters)


async def close_client() -> None:
    """Close the client of the running event loop; the next use makes a new one."""
    loop = asyncio.get_running_loop()
    _clients.pop(loop, None)
    opened = _endings.pop(loop, None)
    if opened is not None:
        await opened.aclose()


async def _open() -> Opened:
    # asyncio closes the generators that are open when a loop ends: scripts and tests need not.
    loop = asyncio.get_running_loop()
    for ended in [each for each in _clients if each.is_closed()]:
        _clients.pop(ended)
        _endings.pop(ended, None)
    check_settings()
    address, public = settings.storage_s3_endpoint_url, settings.storage_s3_public_url
    async with AsyncExitStack() as stack:
        client = await _entered(stack, address)
        signer = await _entered(stack, public) if public else client
        try:
            yield Clients(client, signer)
        finally:
            _clients.pop(loop, None)


async def _entered(stack: AsyncExitStack, address: str) -> Any:
    try:
        return await stack.enter_async_context(aioboto3.Session().client("s3", **_options(address)))
    except ValueError:
        # Not passed on: it may quote a password of the URL.
        raise ValueError(
            "STORAGE_S3_ENDPOINT_URL, STORAGE_S3_PUBLIC_URL or STORAGE_S3_REGION is not valid"
        ) from None


def check_settings() -> None:
    """Raise ValueError for settings with which nothing can work."""
    if not settings.storage_s3_bucket:
        raise ValueError("STORAGE_BACKEND=s3 needs STORAGE_S3_BUCKET")
    secret = settings.storage_s3_secret_key.get_secret_value()
    if bool(settings.storage_s3_access_key) != bool(secret):
        raise ValueError(
            "STORAGE_S3_ACCESS_KEY and STORAGE_S3_SECRET_KEY belong together; leave both empty"
            " to have the AWS credential chain decide"
        )
    for name in ("storage_s3_endpoint_url", "storage_s3_public_url"):
        url = getattr(settings, name)
        if url and not url.startswith(("http://", "https://")):
            raise ValueError(f"{name.upper()} has to begin with http:// or https://")


def _options(address: str) -> dict[str, Any]:
    options: dict[str, Any] = {
        "region_name": settings.storage_s3_region,
        "config": AioConfig(**_config(address)),
    }
    if address:
        options["endpoint_url"] = address
    if settings.storage_s3_access_key:
        options["aws_access_key_id"] = settings.storage_s3_access_key
        options["aws_secret_access_key"] = settings.storage_s3_secret_key.get_secret_value()
    return options


def _config(address: str) -> dict[str, Any]:
    config: dict[str, Any] = {
        "signature_version": "s3v4",  # otherwise signed URLs are of the version that S3 gave up
        "connect_timeout": CONNECT_TIMEOUT,
        "read_timeout": READ_TIMEOUT,
        "retries": {"mode": "standard", "total_max_attempts": ATTEMPTS},
        "max_pool_connections": MAX_CONNECTIONS,
    }
    if address:
        # A host name for each bucket and Amazon's checksums are what other servers lack.
        config["s3"] = {"addressing_style": "path"}
        config |= {name: "when_required" for name in CHECKSUMS if name in AioConfig.OPTION_DEFAULTS}
    return config


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
