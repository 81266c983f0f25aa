"""What the settings of S3 have to be; the bucket itself when one is configured."""

from collections.abc import AsyncIterator, Callable

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from pydantic import SecretStr

from core._storage.s3 import S3Storage
from core._storage.s3_client import check_settings, close_client, get_client
from core.storage import StorageUnavailableError
from settings import settings


@pytest.fixture(autouse=True)
async def _s3(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    if not settings.storage_s3_bucket:
        monkeypatch.setattr(settings, "storage_s3_bucket", "bucket")
    if not settings.storage_s3_endpoint_url:
        monkeypatch.setattr(settings, "storage_s3_endpoint_url", "http://localhost:9000")
    if not settings.storage_s3_access_key:
        monkeypatch.setattr(settings, "storage_s3_access_key", "minioadmin")
        monkeypatch.setattr(settings, "storage_s3_secret_key", SecretStr("minioadmin"))
    yield
    await close_client()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("storage_s3_bucket", "", "needs STORAGE_S3_BUCKET"),
        ("storage_s3_access_key", "", "belong together"),
        ("storage_s3_endpoint_url", "localhost:9000", "has to begin with http"),
    ],
)
def test_wrong_settings_are_named(
    monkeypatch: pytest.MonkeyPatch, field: str, value: str, message: str
) -> None:
    monkeypatch.setattr(settings, field, value)
    with pytest.raises(ValueError, match=message):
        check_settings()


async def test_a_loop_has_one_client_until_it_is_closed() -> None:
    client = await get_client()
    assert await get_client() is client
    await close_client()
    await close_client()
    assert await get_client() is not client


async def test_a_signed_url_needs_no_server() -> None:
    url = await S3Storage().presign("a b")
    assert url.startswith(f"{settings.storage_s3_endpoint_url}/{settings.storage_s3_bucket}/a%20b?")
    assert "X-Amz-Signature=" in url


async def test_without_a_server_the_storage_is_unavailable(
    app: FastAPI, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    @app.get("/x")
    async def download() -> bytes:
        return await S3Storage().download("x")

    monkeypatch.setattr(settings, "storage_s3_endpoint_url", "http://127.0.0.1:9")
    await close_client()  # the application has opened it where the backend is S3
    assert issubclass(StorageUnavailableError, ConnectionError)
    answer = await client.get("/x")
    told = {"type": "about:blank", "title": "The storage is unavailable", "status": 503}
    assert (answer.status_code, answer.json()) == (503, told)


async def test_an_object_comes_back(require_server: Callable[[str], None]) -> None:
    require_server(settings.storage_s3_endpoint_url)
    storage = S3Storage()
    await storage.upload("a-test", b"content")
    assert await storage.download("a-test") == b"content"
    await storage.delete("a-test")
    assert not await storage.exists("a-test")
