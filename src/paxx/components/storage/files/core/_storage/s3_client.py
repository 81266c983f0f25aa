"""The S3 client of an event loop, its addresses, and what its errors mean."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

import aioboto3  # type: ignore[import-untyped, unused-ignore]
from aiobotocore.config import AioConfig  # type: ignore[import-untyped, unused-ignore]
from botocore.exceptions import ClientError  # type: ignore[import-untyped, unused-ignore]

from core._storage.circuit_breaker import CircuitBreaker
from core._storage.s3_errors import UNREACHABLE
from settings import settings

CONNECT_TIMEOUT = 2.0  # seconds, for each attempt
READ_TIMEOUT = 10.0  # seconds without a byte of a body that comes back
ATTEMPTS = 3
ANSWER_TIMEOUT = 2.0  # seconds for a request and its repetitions; that of `/ready`
UPLOAD_TIMEOUT = 5.0  # seconds for a request with a body: a busy server waits for its disk
UPLOAD_RATE = 512 * 1024  # bytes per second; the body may take that much longer
COPY_TIMEOUT = 120.0  # seconds for a request that S3 answers after it has copied data
COPIES = {"copy_object", "complete_multipart_upload"}
MAX_CONNECTIONS = 50

# Clients that do not have these yet send no checksum unless it is required.
CHECKSUMS = ("request_checksum_calculation", "response_checksum_validation")

Opened = AsyncGenerator["Clients", None]


@dataclass(slots=True)
class Clients:
    """The client, and the one that signs URLs: it sends nothing, and may have another address."""

    client: Any
    signer: Any
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
    base_url: str = ""  # of unsigned URLs
    opened: "Opened | None" = None  # closes both


_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Clients] = WeakKeyDictionary()
_opening: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def get_client() -> Any:
    """Return the client of the running event loop, made when it is first asked for.

    Raises ValueError for settings that cannot be right; no server is asked.
    """
    return (await _opened()).client


async def signed_url(operation: str, seconds: int, **parameters: str) -> str:
    """Return a signed URL at the address that the client uses, or at STORAGE_S3_PUBLIC_URL."""
    signer = (await _opened()).signer
    url: str = await signer.generate_presigned_url(operation, Params=parameters, ExpiresIn=seconds)
    return url


async def url_of(key: str) -> str:
    """Return the unsigned URL of an object, at the same address as its signed ones."""
    clients = await _opened()
    if not clients.base_url:
        # Only the client knows where a bucket is: hosts depend on region, partition and name.
        url = await signed_url("get_object", 1, Bucket=settings.storage_s3_bucket, Key="x")
        clients.base_url = url.partition("?")[0].removesuffix("x")
    return clients.base_url + quote(key, safe="/~")


async def _opened() -> Clients:
    loop = asyncio.get_running_loop()
    if loop in _clients:
        return _clients[loop]
    async with _opening.setdefault(loop, asyncio.Lock()):
        if loop not in _clients:
            opened = _open()
            _clients[loop] = await anext(opened)
            _clients[loop].opened = opened
    return _clients[loop]


async def ask(operation: str, **parameters: Any) -> Any:
    """Send a request; TimeoutError for a silent server, at once while the circuit is open.

    The client's own timeouts do not notice a server that stops reading.
    """
    clients = await _opened()
    clients.breaker.check()
    try:
        async with asyncio.timeout(_timeout(operation, parameters.get("Body", b""))):
            answer = await getattr(clients.client, operation)(**parameters)
    except UNREACHABLE as error:
        clients.breaker.record_failure(error)
        raise
    except ClientError:
        clients.breaker.record_success()
        raise
    clients.breaker.record_success()
    return answer


def _timeout(operation: str, body: bytes) -> float:
    if operation in COPIES:
        return COPY_TIMEOUT
    return UPLOAD_TIMEOUT + len(body) / UPLOAD_RATE if body else ANSWER_TIMEOUT


async def close_client() -> None:
    """Close the client of the running event loop; the next use makes a new one."""
    clients = _clients.pop(asyncio.get_running_loop(), None)
    if clients is not None and clients.opened is not None:
        await clients.opened.aclose()


async def _open() -> Opened:
    # asyncio closes the generators that are open when a loop ends: scripts and tests need not.
    loop = asyncio.get_running_loop()
    for ended in [each for each in _clients if each.is_closed()]:
        _clients.pop(ended)
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
        opened = aioboto3.Session().client("s3", **_options(address))
        client = await stack.enter_async_context(opened)
    except ValueError:
        # Not passed on: it may quote a password of the URL.
        raise ValueError(
            "STORAGE_S3_ENDPOINT_URL, STORAGE_S3_PUBLIC_URL or STORAGE_S3_REGION is not valid"
        ) from None
    client.meta.events.register_first("before-endpoint-resolution.s3", _keep_region)
    return client


def _keep_region(context: dict[str, Any], **_: Any) -> None:
    # Otherwise signed URLs have the global host, which redirects to the one of the region.
    context["use_global_endpoint"] = False


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
