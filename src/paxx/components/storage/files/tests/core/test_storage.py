"""The storage in a folder, and its signed URLs; no server is needed."""

import errno
import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, UploadFile
from httpx2 import AsyncClient

from core._storage import router
from core._storage.files import NewFile
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


async def test_an_object_comes_back(storage: Storage) -> None:
    await storage.upload("images/photo.jpg", b"content", metadata={"owner": "7"})
    assert await storage.download("images/photo.jpg") == b"content"
    stat = await storage.stat("images/photo.jpg")
    assert (stat.size, stat.content_type, stat.metadata) == (7, "image/jpeg", {"owner": "7"})
    await storage.delete("images/photo.jpg")
    assert not await storage.exists("images/photo.jpg")


async def test_an_upload_of_a_form_is_an_object(storage: Storage) -> None:
    await storage.upload("x", UploadFile(io.BytesIO(b"content"), filename="x"))
    assert await storage.download("x") == b"content"


async def test_an_upload_that_fails_leaves_nothing(storage: Storage) -> None:
    async def data() -> AsyncIterator[bytes]:
        yield b"the first part"
        raise RuntimeError("the client went away")

    with pytest.raises(RuntimeError):
        await storage.upload("x", data())
    assert [each.key async for each in storage.list()] == []


async def test_a_missing_object_is_not_found(storage: Storage) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        await storage.download("missing")
    assert isinstance(caught.value, ObjectNotFoundError)
    await storage.delete("missing")


@pytest.mark.parametrize("key", ["", "../x", "/etc/passwd", "a//b", "nul\0", "a\\b", "C:x"])
async def test_a_key_that_leads_elsewhere_is_refused(storage: Storage, key: str) -> None:
    with pytest.raises(InvalidKeyError):
        await storage.upload(key, b"")


async def test_a_symlink_is_not_followed(storage: Storage, tmp_path: Path) -> None:
    await storage.upload("x", b"")
    (tmp_path / "uploads" / "link").symlink_to(tmp_path)
    with pytest.raises(InvalidKeyError):
        await storage.upload("link/x", b"")


async def test_part_of_an_object_and_a_list(storage: Storage) -> None:
    for key in ["b", "a/2", "a/1", "a-1"]:
        await storage.upload(key, b"0123456789")
    assert [each.key async for each in storage.list()] == ["a-1", "a/1", "a/2", "b"]
    assert [each.key async for each in storage.list("a/")] == ["a/1", "a/2"]
    await storage.copy("b", "c")
    assert [piece async for piece in storage.stream("c", start=2, length=3)] == [b"234"]


async def test_a_signed_url_downloads(storage: Storage, client: AsyncClient) -> None:
    await storage.upload("page.html", b"<script>")
    url = await storage.presign("page.html")
    answer = await client.get(url)
    assert (answer.status_code, answer.content) == (200, b"<script>")
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    head = await client.head(url)
    assert (head.headers["content-length"], head.content) == ("8", b"")


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ("bytes=2-4", 206, b"234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=-20", 206, b"0123456789"),
        ("bytes=8-99", 206, b"89"),
        ("bytes=4-2", 200, b"0123456789"),
        ("bytes=0-1,3-4", 200, b"0123456789"),
        ("lines=1-2", 200, b"0123456789"),
        ("bytes=-", 200, b"0123456789"),
    ],
)
async def test_a_range(
    storage: Storage, client: AsyncClient, asked: str, status: int, content: bytes
) -> None:
    await storage.upload("x", b"0123456789")
    answer = await client.get(await storage.presign("x"), headers={"Range": asked})
    assert (answer.status_code, answer.content) == (status, content)
    assert answer.headers["content-length"] == str(len(content))


async def test_a_range_beyond_the_end_cannot_be_had(storage: Storage, client: AsyncClient) -> None:
    await storage.upload("x", b"0123456789")
    for asked in ["bytes=10-", "bytes=-0"]:
        answer = await client.get(await storage.presign("x"), headers={"Range": asked})
        assert answer.status_code == 416
        assert answer.headers["content-range"] == "bytes */10"


async def test_a_signed_url_uploads(storage: Storage, client: AsyncClient) -> None:
    url = await storage.presign("new.txt", "PUT")
    answer = await client.put(url, content=b"content", headers={"Content-Type": "text/csv"})
    assert answer.status_code == 200
    assert (await storage.stat("new.txt")).content_type == "text/csv"


async def test_too_much_is_refused_before_and_while_it_comes(
    storage: Storage, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"1234567890"

    monkeypatch.setattr(router, "MAX_UPLOAD", 20)
    url = await storage.presign("new", "PUT")
    for content in (b"x" * 21, pieces()):
        assert (await client.put(url, content=content)).status_code == 413
    assert not await storage.exists("new")


@pytest.mark.parametrize(("key", "status"), [("missing.txt", 404), ("../secret", 400)])
async def test_a_route_answers_for_missing_and_invalid_keys(
    app: FastAPI, client: AsyncClient, key: str, status: int
) -> None:
    @app.get("/reports")
    async def report(name: str) -> str:
        return (await get_storage().download(name)).decode()

    answer = await client.get("/reports", params={"name": key})
    assert (answer.status_code, answer.json()["status"]) == (status, status)


async def test_a_full_disk_is_told_without_its_folder(
    storage: Storage, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: NewFile, __: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/srv/uploads")

    monkeypatch.setattr(NewFile, "write", full)
    with pytest.raises(OSError, match="No space left on device"):
        await storage.upload("new", b"content")
    answer = await client.put(await storage.presign("new", "PUT"), content=b"content")
    told = {"type": "about:blank", "title": "The storage is full", "status": 507}
    assert (answer.status_code, answer.json()) == (507, told)


async def test_a_resumed_download_of_another_content_begins_anew(
    storage: Storage, client: AsyncClient
) -> None:
    await storage.upload("x", b"0123456789")
    url = await storage.presign("x")
    etag = (await client.get(url)).headers["etag"]
    resume = {"Range": "bytes=5-", "If-Range": etag}
    assert (await client.get(url, headers=resume)).content == b"56789"
    await storage.upload("x", b"abcdefghij")
    answer = await client.get(url, headers=resume)
    assert (answer.status_code, answer.content) == (200, b"abcdefghij")


async def test_a_key_below_an_object_is_refused(storage: Storage) -> None:
    await storage.upload("a", b"")
    with pytest.raises(InvalidKeyError):
        await storage.upload("a/b", b"")


async def test_a_url_without_its_signature_opens_nothing(
    storage: Storage, client: AsyncClient
) -> None:
    url = await storage.upload("x", b"content")
    signed, put = await storage.presign("x"), await storage.presign("x", "PUT")
    for wrong in (url, signed + "0", put, signed.replace("expires=", "expires=9"), f"{url}?a=b"):
        assert (await client.get(wrong)).status_code in (403, 422)
    assert (await client.put(signed, content=b"evil")).status_code == 403
    assert (await client.get(await storage.presign("y"))).status_code == 404


async def test_it_is_ready(client: AsyncClient) -> None:
    assert (await client.get("/ready")).json()["checks"]["storage"] == "ok"


async def test_a_folder_that_cannot_be_written_is_not_ready(
    client: AsyncClient, tmp_path: Path
) -> None:
    (tmp_path / "uploads").write_text("a file is in the way")
    assert (await client.get("/ready")).status_code == 503
