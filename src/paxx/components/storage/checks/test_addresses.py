"""Addresses on Amazon and elsewhere, and servers that are silent; all without a real S3."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiobotocore.awsrequest import AioAWSResponse
from checks.storage.driving import chunks, keys, use

from core import health
from core._storage import circuit_breaker, s3_client
from core._storage.s3 import S3Storage
from core._storage.s3_client import close_client, get_client
from core.storage import Storage, StorageUnavailableError

BOUND = 15.0  # seconds; a busy machine takes some
HANDSHAKE = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
async def storage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Storage]:
    """Return the backend for Amazon."""
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    use(
        monkeypatch,
        {
            "STORAGE_BACKEND": "s3",
            "STORAGE_S3_BUCKET": "bucket",
            "STORAGE_S3_REGION": "eu-west-1",
            "STORAGE_S3_ENDPOINT_URL": "",
            "STORAGE_S3_PUBLIC_URL": "",
            "STORAGE_S3_ACCESS_KEY": "key",
            "STORAGE_S3_SECRET_KEY": "secret",
        },
    )
    await close_client()
    yield S3Storage()
    await close_client()


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, "https://bucket.s3.eu-west-1.amazonaws.com"),
        ({"STORAGE_S3_REGION": "us-east-1"}, "https://bucket.s3.amazonaws.com"),
        ({"STORAGE_S3_REGION": "cn-north-1"}, "https://bucket.s3.cn-north-1.amazonaws.com.cn"),
        ({"STORAGE_S3_REGION": "us-gov-west-1"}, "https://bucket.s3.us-gov-west-1.amazonaws.com"),
        ({"STORAGE_S3_BUCKET": "a.b"}, "https://s3.eu-west-1.amazonaws.com/a.b"),
        ({"STORAGE_S3_ENDPOINT_URL": "http://minio:9000/"}, "http://minio:9000/bucket"),
        ({"AWS_ENDPOINT_URL_S3": "http://minio:9000"}, "http://minio:9000/bucket"),
    ],
)
async def test_presign_and_upload_use_the_address_of_the_client(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], address: str
) -> None:
    requested = set()

    def answer(request: Any, **_: Any) -> AioAWSResponse:
        requested.add(request.url.partition("?")[0])
        return AioAWSResponse(request.url, 200, {"ETag": "x", "Content-Length": "0"}, _Empty())

    for name, value in environment.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
        else:
            use(monkeypatch, {name: value})
    client = await get_client()
    client.meta.events.register("before-send.s3", answer)
    uploaded = await storage.upload("ü/a b~", b"x")
    signed = await storage.presign("ü/a b~")
    assert uploaded == f"{address}/%C3%BC/a%20b~"
    assert signed.partition("?")[0] == uploaded
    # botocore must keep to the region of the client for signed URLs as for requests; if this
    # fails, see `_keep_region` in core/_storage/s3_client.py.
    assert requested == {uploaded}


class _Empty:
    async def read(self, *_: int) -> bytes:
        return b""


class Silent:
    """A server that accepts connections and answers only when it is told to."""

    def __init__(self) -> None:
        self.connections = 0
        self.answers = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while self.answers.is_set() and await reader.readuntil(b"\r\n\r\n"):
            writer.write(HANDSHAKE.encode())
        await reader.read()
        writer.close()


@pytest.fixture
async def silent(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Silent]:
    """Return the server that the storage uses."""
    server = Silent()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    use(monkeypatch, {"STORAGE_S3_ENDPOINT_URL": f"http://127.0.0.1:{port}"})
    yield server
    await storage.close()
    listening.close()


@pytest.mark.usefixtures("silent")
@pytest.mark.parametrize(
    "call",
    [
        lambda storage: storage.upload("x", b"x"),
        lambda storage: storage.upload("x", chunks(11 * 1024 * 1024)),
        lambda storage: storage.download("x"),
        lambda storage: anext(storage.stream("x")),
        lambda storage: storage.exists("x"),
        lambda storage: storage.copy("x", "y"),
        keys,
        lambda storage: storage.ready(),
    ],
    ids=["upload", "parts", "download", "stream", "exists", "copy", "list", "ready"],
)
async def test_silent_server_is_unavailable_in_time(storage: Storage, call: Any) -> None:
    assert s3_client.ANSWER_TIMEOUT <= health.CHECK_TIMEOUT
    await get_client()
    async with asyncio.timeout(BOUND):
        with pytest.raises(StorageUnavailableError, match="TimeoutError"):
            await call(storage)


async def test_open_circuit_fails_at_once_and_a_probe_closes_it(
    storage: Storage, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_client, "ANSWER_TIMEOUT", 0.2)
    monkeypatch.setattr(circuit_breaker, "PROBE_INTERVAL", 3600.0)
    with pytest.raises(StorageUnavailableError):
        await storage.ready()
    connections = silent.connections
    for _ in range(3):
        with pytest.raises(StorageUnavailableError, match="until it answers"):
            await storage.ready()
    assert silent.connections == connections
    assert urlsplit(await storage.presign("x")).path == "/bucket/x"
    monkeypatch.setattr(s3_client, "ANSWER_TIMEOUT", BOUND)
    silent.answers.set()
    breaker = s3_client._clients[asyncio.get_running_loop()].breaker
    breaker.next_probe = 0.0
    await storage.ready()
    await storage.ready()
