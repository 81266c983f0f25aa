"""Storage in a folder and its signed URLs; these tests need no server."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from core._storage import router
from core.storage import InvalidKeyError, ObjectNotFoundError, Storage, get_storage
from settings import settings


@pytest.fixture(autouse=True)
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    """Return the storage of a folder that is the test's own."""
    monkeypatch.setattr(settings, "storage_backend", "local")
    monkeypatch.setattr(settings, "storage_local_path", str(tmp_path / "uploads"))
    get_storage.cache_clear()
    yield get_storage()
    get_storage.cache_clear()


async def test_object_is_stored_described_and_deleted(storage: Storage) -> None:
    await storage.upload("images/photo.jpg", b"content", metadata={"owner": "7"})
    assert await storage.download("images/photo.jpg") == b"content"
    stat = await storage.stat("images/photo.jpg")
    assert (stat.size, stat.content_type, stat.metadata) == (7, "image/jpeg", {"owner": "7"})
    await storage.delete("images/photo.jpg")
    assert not await storage.exists("images/photo.jpg")
    with pytest.raises(ObjectNotFoundError):
        await storage.download("images/photo.jpg")


async def test_key_outside_the_folder_is_rejected(storage: Storage) -> None:
    for key in ("", "../x", "/etc/passwd", "a//b", "nul\0", "a\\b"):
        with pytest.raises(InvalidKeyError):
            await storage.upload(key, b"")


async def test_symlink_is_not_followed(storage: Storage, tmp_path: Path) -> None:
    await storage.upload("x", b"")
    (tmp_path / "uploads" / "link").symlink_to(tmp_path)
    with pytest.raises(InvalidKeyError):
        await storage.upload("link/x", b"")


async def test_list_is_sorted_and_stream_yields_a_part(storage: Storage) -> None:
    for key in ["b", "a/2", "a/1", "a-1"]:
        await storage.upload(key, b"0123456789")
    assert [each.key async for each in storage.list()] == ["a-1", "a/1", "a/2", "b"]
    assert [each.key async for each in storage.list("a/")] == ["a/1", "a/2"]
    await storage.copy("b", "c")
    assert [piece async for piece in storage.stream("c", start=2, length=3)] == [b"234"]


async def test_signed_url_downloads_an_attachment(storage: Storage, client: AsyncClient) -> None:
    await storage.upload("page.html", b"<script>")
    answer = await client.get(await storage.presign("page.html"))
    assert (answer.status_code, answer.content) == (200, b"<script>")
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("header", "status", "content"),
    [("bytes=2-4", 206, b"234"), ("bytes=-2", 206, b"89"), ("lines=1-2", 200, b"0123456789")],
)
async def test_signed_url_answers_a_range(
    storage: Storage, client: AsyncClient, header: str, status: int, content: bytes
) -> None:
    await storage.upload("x", b"0123456789")
    answer = await client.get(await storage.presign("x"), headers={"Range": header})
    assert (answer.status_code, answer.content) == (status, content)


async def test_signed_url_uploads(storage: Storage, client: AsyncClient) -> None:
    url = await storage.presign("new.txt", "PUT")
    answer = await client.put(url, content=b"content", headers={"Content-Type": "text/csv"})
    assert answer.status_code == 200
    assert (await storage.stat("new.txt")).content_type == "text/csv"


async def test_too_large_upload_is_rejected(
    storage: Storage, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"1234567890"

    monkeypatch.setattr(router, "MAX_UPLOAD", 20)
    url = await storage.presign("new", "PUT")
    for content in (b"x" * 21, chunks()):
        assert (await client.put(url, content=content)).status_code == 413
    assert not await storage.exists("new")


async def test_url_without_a_valid_signature_is_rejected(
    storage: Storage, client: AsyncClient
) -> None:
    url = await storage.upload("x", b"content")
    signed, put = await storage.presign("x"), await storage.presign("x", "PUT")
    for wrong in (url, signed + "0", put, signed.replace("expires=", "expires=9"), f"{url}?a=b"):
        assert (await client.get(wrong)).status_code in (403, 422)
    assert (await client.put(signed, content=b"evil")).status_code == 403


@pytest.mark.parametrize(("key", "status"), [("missing.txt", 404), ("../secret", 400)])
async def test_route_answers_for_missing_and_invalid_keys(
    app: FastAPI, client: AsyncClient, key: str, status: int
) -> None:
    @app.get("/reports")
    async def report(name: str) -> str:
        return (await get_storage().download(name)).decode()

    answer = await client.get("/reports", params={"name": key})
    assert (answer.status_code, answer.json()["status"]) == (status, status)


async def test_ready_requires_a_writable_folder(client: AsyncClient, tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("a file is in the way")
    assert (await client.get("/ready")).json()["checks"]["storage"] != "ok"
    (tmp_path / "uploads").unlink()
    assert (await client.get("/ready")).json()["checks"]["storage"] == "ok"
