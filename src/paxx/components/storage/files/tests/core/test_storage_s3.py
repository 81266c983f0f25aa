"""S3: addresses and errors without a server, and the bucket itself where one is configured."""

from collections.abc import AsyncIterator, Callable

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from pydantic import SecretStr

from core._storage.s3 import S3Storage
from core._storage.s3_client import close_client
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


async def test_presign_needs_no_server() -> None:
    url = await S3Storage().presign("a b")
    assert url.startswith(f"{settings.storage_s3_endpoint_url}/{settings.storage_s3_bucket}/a%20b?")
    assert "X-Amz-Signature=" in url


async def test_unreachable_server_is_answered_with_503(
    app: FastAPI, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    @app.get("/x")
    async def download() -> bytes:
        return await S3Storage().download("x")

    monkeypatch.setattr(settings, "storage_s3_endpoint_url", "http://127.0.0.1:9")
    await close_client()  # the application has opened it where the backend is S3
    answer = await client.get("/x")
    problem = {"type": "about:blank", "title": "The storage is unavailable", "status": 503}
    assert (answer.status_code, answer.json()) == (503, problem)


async def test_object_is_stored_in_the_bucket(require_server: Callable[[str], None]) -> None:
    require_server(settings.storage_s3_endpoint_url)
    storage = S3Storage()
    await storage.upload("a-test", b"content")
    assert await storage.download("a-test") == b"content"
    await storage.delete("a-test")
    assert not await storage.exists("a-test")
