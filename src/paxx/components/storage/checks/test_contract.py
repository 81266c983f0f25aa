"""What both backends promise, in a folder and in a real S3."""

import asyncio
import io
import random
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiofiles
import pytest
from checks.storage.driving import MIB, chunks, keys, request, temporary_files
from fastapi import UploadFile

from core._storage import signed_urls
from core._storage.s3_client import get_client
from core.storage import InvalidKeyError, ObjectNotFoundError, Storage
from settings import settings

KEYS = [
    "a",
    "images/photo.jpg",
    "deep/er/and/even/deep/er/x",
    "with space/and+plus & co/100%/a=b?c#d.txt",
    "Grüße/日本語/🙂.txt",
    "é/decomposed-é",
    "/".join(["k" * 255] * 3),
    "quote'\"<>|*:;,~`^{}[]()!@$.txt",
    ".hidden",
    "..two",
    "trailing.",
    "~home",
]

BAD_KEYS = [
    "",
    ".",
    "..",
    "/",
    "/etc/passwd",
    "../x",
    "a/../../x",
    "a/..",
    "a/./b",
    "./a",
    "a//b",
    "a/",
    "nul\0",
    "line\nbreak",
    "..\\x",
    "a\\b",
    "C:/x",
    "c:x",
    "\\\\server\\share",
    "\udc80",
    "\uffff",
    "k" * 256,
    "/".join(["k" * 204] * 5 + ["k"]),
    ".storage/tmp/x",
]


@pytest.mark.parametrize("key", KEYS)
async def test_1_every_key_takes_the_whole_round(storage: Storage, key: str) -> None:
    await storage.delete(key)
    assert not await storage.exists(key)
    await storage.upload(key, key.encode())
    assert await storage.exists(key)
    assert await storage.download(key) == key.encode()
    assert await keys(storage) == [key]
    signed = await request("GET", await storage.presign(key))
    assert (signed.status_code, signed.content) == (200, key.encode())
    await storage.copy(key, "copy")
    assert await storage.download("copy") == key.encode()
    await storage.delete(key)
    assert not await storage.exists(key)


async def test_1_a_key_of_1024_bytes(storage: Storage) -> None:
    key = "/".join(["ü" * 100] * 5 + ["x" * 19])
    assert len(key.encode()) == 1024
    await storage.upload(key, b"long")
    assert await storage.download(key) == b"long"
    assert await keys(storage, key[:500]) == [key]


@pytest.mark.parametrize("key", BAD_KEYS)
async def test_2_keys_that_not_both_can_keep_are_refused_by_every_method(
    storage: Storage, key: str
) -> None:
    calls = [
        storage.upload(key, b"x"),
        storage.download(key),
        anext(storage.stream(key)),
        storage.delete(key),
        storage.exists(key),
        storage.stat(key),
        storage.copy(key, "x"),
        storage.presign(key),
    ]
    for call in calls:
        with pytest.raises(InvalidKeyError):
            await call
    await storage.upload("x", b"")
    with pytest.raises(InvalidKeyError):
        await storage.copy("x", key)


@pytest.mark.parametrize("prefix", ["../", "/", "a/../b", ".storage/", "a//", "\0", "..\\"])
async def test_2_prefixes_that_leave_the_root_are_refused(storage: Storage, prefix: str) -> None:
    with pytest.raises(InvalidKeyError):
        await keys(storage, prefix)


async def test_1_an_empty_object(storage: Storage) -> None:
    await storage.upload("empty", b"")
    assert await storage.download("empty") == b""
    assert [piece async for piece in storage.stream("empty")] in ([], [b""])
    assert (await storage.stat("empty")).size == 0
    await storage.upload("empty-stream", chunks(0))
    assert await storage.exists("empty-stream")


async def test_1_a_missing_object_is_the_same_error_on_both(storage: Storage) -> None:
    await storage.upload("folder/x", b"")
    for key in ["missing", "folder", "folder/x/y", "folder/missing", "no/such/folder"]:
        for call in [
            storage.download(key),
            storage.stat(key),
            storage.copy(key, "y"),
            anext(storage.stream(key)),
            anext(storage.stream(key, length=0)),
        ]:
            with pytest.raises(FileNotFoundError) as caught:
                await call
            assert type(caught.value) is ObjectNotFoundError
            assert key in str(caught.value)
        assert not await storage.exists(key)
        await storage.delete(key)
    assert await keys(storage) == ["folder/x"]


async def test_1_an_upload_replaces_content_type_and_metadata_too(storage: Storage) -> None:
    await storage.upload("x.txt", b"first", content_type="a/b", metadata={"owner": "7"})
    first = await storage.stat("x.txt")
    assert (first.content_type, dict(first.metadata)) == ("a/b", {"owner": "7"})
    await storage.upload("x.txt", b"second")
    second = await storage.stat("x.txt")
    assert (second.content_type, dict(second.metadata)) == ("text/plain", {})
    assert (first.size, second.size) == (5, 6)
    assert first.etag != second.etag
    assert abs(second.modified - datetime.now(UTC)) < timedelta(seconds=10)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("a.jpg", "image/jpeg"),
        ("a", "application/octet-stream"),
        ("a.unknown", "application/octet-stream"),
        ("a.json", "application/json"),
        ("http://x/a.txt", None),
    ],
)
async def test_the_suffix_decides_the_content_type(
    storage: Storage, key: str, expected: str | None
) -> None:
    if expected is None:
        with pytest.raises(InvalidKeyError):
            await storage.upload(key, b"")
        return
    await storage.upload(key, b"")
    assert (await storage.stat(key)).content_type == expected


@pytest.mark.parametrize(
    "options",
    [
        {"content_type": "a/b\r\nX-Evil: 1"},
        {"content_type": ""},
        {"metadata": {"Upper": "x"}},
        {"metadata": {"name": "ümlaut"}},
        {"metadata": {"name": " padded"}},
        {"metadata": {"name": "line\nbreak"}},
        {"metadata": {"name": "x" * 2048}},
    ],
)
async def test_what_does_not_fit_in_a_header_is_refused(
    storage: Storage, options: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"content type|metadata"):
        await storage.upload("x", b"", **options)
    assert not await storage.exists("x")


async def test_list_yields_what_begins_with_the_prefix_in_order(storage: Storage) -> None:
    names = ["a", "a-b", "a.b", "a/b", "a/b-c", "a/b/c", "a0", "b/é", "b/z", "c"]
    expected = sorted({*names} - {"a", "a/b"}, key=str.encode)
    for name in random.sample(expected, len(expected)):
        await storage.upload(name, name.encode())
    # SeaweedFS sorts folder by folder.
    ordered = list if settings.storage_backend == "local" else sorted
    expected = ordered(expected)
    assert ordered(await keys(storage)) == expected
    for prefix in ["a", "a/", "a/b", "a/b/", "b/", "b/é", "c", "d", "d/e/", "a/b/c/"]:
        assert ordered(await keys(storage, prefix)) == [
            name for name in expected if name.startswith(prefix)
        ]
    sizes = {each.key: each.size async for each in storage.list()}
    assert sizes == {name: len(name.encode()) for name in expected}


@pytest.mark.nightly
async def test_list_goes_on_after_a_page(storage: Storage) -> None:
    names = [f"many/{number:04}" for number in range(1_100)]
    for start in range(0, len(names), 50):
        await asyncio.gather(*(storage.upload(name, b"") for name in names[start : start + 50]))
    assert await keys(storage, "many/") == names
    some = storage.list("many/")
    assert (await anext(some)).key == "many/0000"
    await some.aclose()


async def test_copy_keeps_content_type_and_metadata(storage: Storage) -> None:
    await storage.upload("x.txt", b"content", content_type="a/b", metadata={"owner": "7"})
    url = await storage.copy("x.txt", "y/z.jpg")
    assert url.endswith("/y/z.jpg")
    stat = await storage.stat("y/z.jpg")
    assert (stat.content_type, dict(stat.metadata), stat.size) == ("a/b", {"owner": "7"}, 7)
    assert await storage.download("x.txt") == b"content"


async def test_a_copy_onto_itself_changes_nothing(storage: Storage) -> None:
    await storage.upload("x.txt", b"content", content_type="a/b", metadata={"owner": "7"})
    await storage.copy("x.txt", "x.txt")
    stat = await storage.stat("x.txt")
    assert (stat.content_type, dict(stat.metadata), stat.size) == ("a/b", {"owner": "7"}, 7)
    with pytest.raises(ObjectNotFoundError):
        await storage.copy("missing", "missing")


class Opened:
    """Every kind of thing that can be uploaded."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def memory(self) -> list[Any]:
        content = self.content
        return [content, bytearray(content), memoryview(content)]

    def files(self) -> list[Any]:
        upload = UploadFile(io.BytesIO(self.content), filename="x")
        return [io.BytesIO(self.content), upload, Dribble(self.content)]


class Dribble:
    """A file that gives less than it is asked for."""

    def __init__(self, content: bytes) -> None:
        self.file = io.BytesIO(content)

    def read(self, size: int) -> bytes:
        return self.file.read(min(size, 100_003))


async def uneven(content: bytes) -> AsyncIterator[bytes]:
    """Yield pieces of many sizes, empty ones among them."""
    sizes = [0, 1, 70_001, 3 * MIB, 0, 5]
    position = number = 0
    while position < len(content):
        size = sizes[number % len(sizes)]
        yield content[position : position + size]
        position, number = position + size, number + 1


@pytest.mark.parametrize("size", [0, 1, 300_000, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 13 * MIB + 7])
async def test_every_kind_of_data_arrives_whole(
    storage: Storage, size: int, tmp_path: Path
) -> None:
    content = random.Random(size).randbytes(size)
    (tmp_path / "file").write_bytes(content)
    for data in [*Opened(content).memory(), *Opened(content).files(), uneven(content)]:
        await storage.upload("x", data)
        assert await storage.download("x") == content, type(data)
    with (tmp_path / "file").open("rb") as file:
        await storage.upload("x", file)
    assert await storage.download("x") == content
    async with aiofiles.open(tmp_path / "file", "rb") as reading:
        await storage.upload("x", reading)
    assert b"".join([piece async for piece in storage.stream("x")]) == content
    await storage.copy("x", "y")
    assert await storage.download("y") == content


async def test_what_is_not_binary_is_refused(storage: Storage) -> None:
    async def texts() -> AsyncIterator[Any]:
        yield "text"

    for data in ["text", 7, None, io.StringIO("text"), texts(), {"a": 1}]:
        with pytest.raises(TypeError):
            await storage.upload("x", data)  # type: ignore[arg-type]
    assert await keys(storage) == []


@pytest.mark.parametrize(
    ("start", "length"),
    [(0, None), (0, 10), (5, 10), (99_990, 100), (100_000, 1), (200_000, None), (7, 0), (7, None)],
)
async def test_a_stream_of_a_part(storage: Storage, start: int, length: int | None) -> None:
    content = random.Random(1).randbytes(100_000)
    await storage.upload("x", content)
    got = b"".join([piece async for piece in storage.stream("x", start=start, length=length)])
    assert got == content[start : None if length is None else start + length]


async def test_a_part_that_begins_nowhere_is_refused(storage: Storage) -> None:
    await storage.upload("x", b"content")
    for options in [{"start": -1}, {"length": -1}]:
        with pytest.raises(ValueError, match="not negative"):
            await anext(storage.stream("x", **options))


async def test_a_stream_is_of_one_content(storage: Storage) -> None:
    await storage.upload("x", bytes(4 * MIB))
    stream = storage.stream("x")
    got = bytearray(await anext(stream))
    await storage.upload("x", b"\1" * 4 * MIB)
    got += b"".join([piece async for piece in stream])
    assert got == bytes(4 * MIB)


async def test_3_two_who_write_leave_the_content_of_one(storage: Storage) -> None:
    contents = [bytes([number]) * 6 * MIB for number in range(4)]
    await asyncio.gather(*(storage.upload("x", content) for content in contents))
    assert await storage.download("x") in contents


@pytest.mark.parametrize("pieces", [0, 3, 17])
async def test_a_cancelled_upload_leaves_nothing(storage: Storage, pieces: int) -> None:
    reached = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(pieces):
            yield bytes(MIB)
        reached.set()
        await asyncio.Event().wait()

    await storage.upload("kept", b"old")
    for key in ["new", "kept"]:
        reached.clear()
        task = asyncio.create_task(storage.upload(key, endless()))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await nothing_but(storage, "kept")
    assert await storage.download("kept") == b"old"


@pytest.mark.parametrize("pieces", [0, 3, 17])
async def test_an_upload_whose_data_fail_leaves_nothing(storage: Storage, pieces: int) -> None:
    async def failing() -> AsyncIterator[bytes]:
        for _ in range(pieces):
            yield bytes(MIB)
        raise RuntimeError("the client went away")

    with pytest.raises(RuntimeError, match="the client went away"):
        await storage.upload("new", failing())
    await nothing_but(storage)


@pytest.mark.parametrize("pieces", [0, 7])
@pytest.mark.parametrize("kind", [OSError, FileNotFoundError, ConnectionResetError])
async def test_an_error_of_the_data_is_not_one_of_the_storage(
    storage: Storage, pieces: int, kind: type[OSError]
) -> None:
    failed = kind("of the caller")

    async def failing() -> AsyncIterator[bytes]:
        for _ in range(pieces):
            yield bytes(MIB)
        raise failed

    with pytest.raises(kind) as caught:
        await storage.upload("new", failing())
    assert caught.value is failed
    await nothing_but(storage)


async def nothing_but(storage: Storage, *expected: str) -> None:
    """Fail for an object, a temporary file or a part of an upload."""
    assert await keys(storage) == list(expected)
    if settings.storage_backend == "local":
        assert temporary_files() == []
        return
    client = await get_client()
    answer = await client.list_multipart_uploads(Bucket=settings.storage_s3_bucket)
    assert answer.get("Uploads", []) == []


async def test_a_signed_get_gives_the_object_as_an_attachment(storage: Storage) -> None:
    await storage.upload("page.html", b"<script>", content_type="text/html")
    url = await storage.presign("page.html", expires=timedelta(minutes=1))
    answer = await request("GET", url)
    assert (answer.status_code, answer.content) == (200, b"<script>")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-disposition"] == "attachment"
    part = await request("GET", url, headers={"Range": "bytes=1-6"})
    assert (part.status_code, part.content) == (206, b"script")
    assert part.headers["content-range"] == "bytes 1-6/8"
    assert (await request("GET", url, headers={"Range": "bytes=-3"})).content == b"pt>"
    assert (await request("GET", url, headers={"Range": "bytes=9-"})).status_code == 416


async def test_a_signed_put_stores_the_object(storage: Storage) -> None:
    url = await storage.presign("new.txt", "PUT")
    answer = await request("PUT", url, content=b"content", headers={"Content-Type": "text/csv"})
    assert answer.status_code == 200
    assert await storage.download("new.txt") == b"content"
    assert (await storage.stat("new.txt")).content_type == "text/csv"


async def test_a_signed_url_of_a_missing_object_is_not_found(storage: Storage) -> None:
    assert (await request("GET", await storage.presign("missing"))).status_code == 404


async def test_a_signed_url_opens_nothing_else(storage: Storage) -> None:
    for key in ["mine", "other"]:
        await storage.upload(key, b"x")
    url, put = await storage.presign("mine"), await storage.presign("mine", "PUT")
    last = "0" if url[-1] != "0" else "1"
    refused = [
        ("GET", url.replace("/mine?", "/other?")),
        ("GET", url.replace("xpires=", "xpires=9")),
        ("GET", url.partition("?")[0]),
        ("GET", put),
        ("PUT", url),
        ("PUT", url.partition("?")[0]),
        ("GET", url[:-1] + last if signed_urls.PATH in url[:9] else url + "0"),
    ]
    for method, wrong in refused:
        answer = await request(method, wrong, content=b"evil" if method == "PUT" else None)
        assert answer.status_code in (400, 403), (method, wrong)
    assert await storage.download("mine") == b"x"


async def test_a_signed_url_expires(storage: Storage) -> None:
    await storage.upload("x", b"x")
    url = await storage.presign("x", expires=1)
    deadline = time.monotonic() + 120
    while (answer := await request("GET", url)).status_code == 200:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)
    assert answer.status_code == 403


@pytest.mark.parametrize("expires", [0, -1, 7 * 24 * 3600 + 1, timedelta(days=8), timedelta(0)])
async def test_an_expiry_that_s3_refuses_is_refused(
    storage: Storage, expires: int | timedelta
) -> None:
    with pytest.raises(ValueError, match="between one second and seven days"):
        await storage.presign("x", expires=expires)


async def test_the_url_of_an_upload_alone_opens_nothing(storage: Storage) -> None:
    url = await storage.upload("Grüße/a b.txt", b"x")
    assert url.endswith("/Gr%C3%BC%C3%9Fe/a%20b.txt")
    assert (await request("GET", url)).status_code in (400, 403)
