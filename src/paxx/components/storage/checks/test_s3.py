"""The client of S3: what it sends, what its errors mean, how long it lives."""

import asyncio
import gc
import socket
import warnings
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aioboto3
import pytest
from checks.storage.driving import MIB, chunks, keys, request, use
from httpx2 import ASGITransport, AsyncClient

import servers
from core._storage import multipart, s3_client
from core._storage.s3_client import get_client
from core.storage import (
    AccessDeniedError,
    BucketNotFoundError,
    Storage,
    StorageUnavailableError,
    get_storage,
)
from main import create_app
from settings import settings

BOUND = 60.0  # seconds; a busy machine takes some, too


async def pieces_of(storage: Storage, key: str) -> bytes:
    """Return what a stream yields."""
    return b"".join([piece async for piece in storage.stream(key)])


def calls(storage: Storage) -> dict[str, Any]:
    """Return a call of every method that asks the server."""
    return {
        "upload": lambda: storage.upload("x", b"x"),
        "upload in parts": lambda: storage.upload("x", chunks(11 * MIB)),
        "download": lambda: storage.download("x"),
        "stream": lambda: pieces_of(storage, "x"),
        "delete": lambda: storage.delete("x"),
        "exists": lambda: storage.exists("x"),
        "stat": lambda: storage.stat("x"),
        "copy": lambda: storage.copy("x", "y"),
        "list": lambda: keys(storage),
        "ready": storage.ready,
    }


@pytest.mark.parametrize("field", ["storage_s3_access_key", "storage_s3_secret_key"])
async def test_6_wrong_credentials_are_told_apart_and_not_told(
    on_s3: Storage, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    await on_s3.upload("x", b"x")
    await on_s3.close()
    with monkeypatch.context() as changed:
        use(changed, {field: "wrong-credential-0123456789"})
        for name, call in calls(on_s3).items():
            with pytest.raises(AccessDeniedError) as caught:
                await call()
            assert isinstance(caught.value, PermissionError), name
            assert not isinstance(caught.value, FileNotFoundError), name
            for secret in ("wrong-credential", settings.storage_s3_secret_key.get_secret_value()):
                assert secret not in f"{caught.value} {caught.value!r} {caught.value.__cause__}"
        await on_s3.close()


async def test_6_a_missing_bucket_is_named(on_s3: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as changed:
        use(changed, {"STORAGE_S3_BUCKET": "not-there"})
        for name, call in calls(on_s3).items():
            # SeaweedFS makes a bucket for who may do anything, and deletes what is not there.
            if name.startswith("upload") or name == "delete":
                continue
            with pytest.raises(BucketNotFoundError) as caught:
                await call()
            assert "'not-there' (STORAGE_S3_BUCKET)" in str(caught.value), name


async def test_6_no_credential_is_shown(on_s3: Storage) -> None:
    client = await get_client()
    secret = settings.storage_s3_secret_key.get_secret_value()
    for each in (on_s3, client, settings, s3_client, vars(on_s3)):
        assert secret not in repr(each)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"STORAGE_S3_BUCKET": ""}, "needs STORAGE_S3_BUCKET"),
        ({"STORAGE_S3_ACCESS_KEY": ""}, "belong together"),
        ({"STORAGE_S3_SECRET_KEY": ""}, "belong together"),
        ({"STORAGE_S3_ENDPOINT_URL": "localhost:9000"}, "STORAGE_S3_ENDPOINT_URL has to begin"),
        ({"STORAGE_S3_PUBLIC_URL": "localhost:9000"}, "STORAGE_S3_PUBLIC_URL has to begin"),
        ({"STORAGE_S3_ENDPOINT_URL": "http://user:pass word@"}, "STORAGE_S3_ENDPOINT_URL"),
        ({"STORAGE_S3_REGION": "no region!"}, "STORAGE_S3_REGION"),
    ],
)
async def test_8_wrong_settings_stop_the_start(
    on_s3: Storage, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], message: str
) -> None:
    await on_s3.close()
    with monkeypatch.context() as changed:
        use(changed, environment)
        app = create_app()
        with pytest.raises(ValueError, match=message) as caught:
            async with app.router.lifespan_context(app):
                pass
        assert "pass word" not in str(caught.value)


async def test_empty_credentials_are_those_of_the_aws_chain(
    s3: servers.S3, on_s3: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await on_s3.close()
    with monkeypatch.context() as changed:
        use(changed, {"STORAGE_S3_ACCESS_KEY": "", "STORAGE_S3_SECRET_KEY": ""})
        changed.setenv("AWS_ACCESS_KEY_ID", s3.access_key)
        changed.setenv("AWS_SECRET_ACCESS_KEY", s3.secret_key)
        await on_s3.upload("x", b"x")
        assert await on_s3.download("x") == b"x"
        await on_s3.close()


async def test_without_any_credentials_the_settings_are_named(
    on_s3: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await on_s3.close()
    with monkeypatch.context() as changed:
        use(changed, {"STORAGE_S3_ACCESS_KEY": "", "STORAGE_S3_SECRET_KEY": ""})
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
            changed.delenv(name, raising=False)
        changed.setenv("AWS_EC2_METADATA_DISABLED", "true")
        changed.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        changed.setenv("AWS_CONFIG_FILE", "/nonexistent")
        with pytest.raises(AccessDeniedError, match="STORAGE_S3_ACCESS_KEY"):
            await on_s3.upload("x", b"x")
        await on_s3.close()


@pytest.mark.nightly
async def test_6_one_client_for_a_thousand_operations(
    on_s3: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await on_s3.close()
    made, make = [], aioboto3.Session.client

    def client(self: Any, *names: Any, **options: Any) -> Any:
        made.append(names)
        return make(self, *names, **options)

    monkeypatch.setattr(aioboto3.Session, "client", client)
    for _ in range(10):
        await asyncio.gather(*(on_s3.exists(f"x{number}") for number in range(100)))
    assert len(made) == 1


async def test_7_an_endpoint_gets_no_checksum_and_path_style(on_s3: Storage) -> None:
    seen = []
    client = await get_client()

    def look(request: Any, **_: Any) -> None:
        seen.append((request.url, {name.lower() for name in request.headers}))

    client.meta.events.register("before-send.s3", look)
    await on_s3.upload("x", b"x")
    await on_s3.upload("y", chunks(11 * MIB))
    await on_s3.download("x")
    assert seen
    for url, headers in seen:
        assert urlsplit(url).path.startswith(f"/{settings.storage_s3_bucket}/")
        assert not [name for name in headers if "checksum" in name or name == "x-amz-trailer"]


async def test_7_signed_urls_are_of_version_4_and_of_the_endpoint(on_s3: Storage) -> None:
    parts = urlsplit(await on_s3.presign("a/b c.txt", "PUT", expires=60))
    query = parse_qs(parts.query)
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Expires"] == ["60"]
    assert f"{parts.scheme}://{parts.netloc}" == settings.storage_s3_endpoint_url
    assert parts.path == f"/{settings.storage_s3_bucket}/a/b%20c.txt"


async def test_7_signed_urls_are_of_the_address_that_clients_reach(
    on_s3: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await on_s3.close()
    inside, outside = (settings.storage_s3_endpoint_url, f"http://localhost:{on_s3_port()}")
    with monkeypatch.context() as changed:
        use(changed, {"STORAGE_S3_PUBLIC_URL": outside})
        assert (await on_s3.upload("x", b"content")).startswith(f"{outside}/")
        url = await on_s3.presign("x")
        assert url.startswith(f"{outside}/")
        assert (await request("GET", url)).content == b"content"
        assert (await request("GET", url.replace(outside, inside))).status_code == 403
        await on_s3.close()


def on_s3_port() -> int:
    """Return the port of the server."""
    return urlsplit(settings.storage_s3_endpoint_url).port or 0


async def test_a_cancel_while_an_upload_begins_leaves_no_part(
    on_s3: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ask = asyncio.Event(), multipart.ask
    before = await unfinished()  # processes that were killed have left some

    async def slow(operation: str, **parameters: Any) -> Any:
        answer = await ask(operation, **parameters)
        if operation == "create_multipart_upload":
            begun.set()
            await asyncio.sleep(0.1)  # the answer is on its way
        return answer

    monkeypatch.setattr(multipart, "ask", slow)
    task = asyncio.create_task(on_s3.upload("x", chunks(8 * MIB)))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await unfinished() == before


async def unfinished() -> list[str]:
    """Return the uploads that were neither completed nor aborted."""
    client = await get_client()
    answer = await client.list_multipart_uploads(Bucket=settings.storage_s3_bucket)
    return sorted(each["UploadId"] for each in answer.get("Uploads", []))


@pytest.mark.nightly
async def test_a_stopped_server_is_an_error_in_time_and_the_same_client_recovers(
    s3: servers.S3, on_s3: Storage
) -> None:
    await on_s3.upload("x", b"x")
    client = await get_client()
    s3.stop()
    for call in calls(on_s3).values():
        async with asyncio.timeout(BOUND):
            with pytest.raises(StorageUnavailableError) as caught:
                await call()
        assert isinstance(caught.value, ConnectionError)
    s3.start_again()
    assert await on_s3.download("x") == b"x"
    for call in calls(on_s3).values():
        await call()
        if not await on_s3.exists("x"):
            await on_s3.upload("x", b"x")
    assert await get_client() is client


@pytest.mark.nightly
async def test_a_frozen_server_is_an_error_in_time(
    s3: servers.S3, on_s3: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await on_s3.upload("x", b"x")
    await on_s3.close()
    monkeypatch.setattr(s3_client, "READ_TIMEOUT", 0.3)
    monkeypatch.setattr(s3_client, "COPY_TIMEOUT", 3.0)
    monkeypatch.setattr(multipart, "ABORT_WITHIN", 1.0)
    await get_client()
    s3.pause()
    try:
        for call in calls(on_s3).values():
            async with asyncio.timeout(BOUND):
                with pytest.raises(StorageUnavailableError):
                    await call()
    finally:
        s3.resume()
    await on_s3.close()


@pytest.mark.nightly
async def test_the_application_starts_without_its_server_and_recovers(
    s3: servers.S3, on_s3: Storage
) -> None:
    await on_s3.close()
    s3.stop()
    app = create_app()
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        assert (await client.get("/ready")).json()["checks"]["storage"] != "ok"
        assert (await client.get("/storage/x")).status_code == 404
        s3.start_again()
        assert (await client.get("/ready")).json()["checks"]["storage"] == "ok"


@pytest.mark.nightly
async def test_an_upload_whose_server_stops_half_way_fails_and_leaves_no_object(
    s3: servers.S3, on_s3: Storage
) -> None:
    async def data() -> AsyncIterator[bytes]:
        for number in range(40):
            if number == 17:
                s3.stop()
            yield bytes(MIB)

    with pytest.raises(StorageUnavailableError):
        await on_s3.upload("half", data())
    s3.start_again()
    assert await keys(on_s3) == []


@pytest.mark.nightly
async def test_a_download_whose_server_is_killed_half_way_fails(mortal: servers.S3) -> None:
    await get_storage().upload("x", chunks(64 * MIB))
    stream = get_storage().stream("x")
    await anext(stream)
    mortal.kill()
    with pytest.raises(StorageUnavailableError):
        async for _ in stream:
            pass


def test_loops_that_end_close_their_client(s3: servers.S3, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, s3.settings)

    async def round_trip() -> bytes:
        await get_storage().upload("x", b"x")
        return await get_storage().download("x")

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        assert [asyncio.run(round_trip()) for _ in range(3)] == [b"x"] * 3
        gc.collect()
    messages = [str(each.message) for each in caught]
    assert not [message for message in messages if "event loop" not in message]
    assert not list(s3_client._clients)
    get_storage.cache_clear()


def test_importing_opens_no_socket(monkeypatch: pytest.MonkeyPatch, s3: servers.S3) -> None:
    use(monkeypatch, s3.settings)

    def refuse(*_: object) -> None:
        raise AssertionError("a socket")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert get_storage() is get_storage()
    get_storage.cache_clear()
