"""Signed URLs of the folder: ranges and full disks."""

import errno

import pytest
from checks.storage.driving import request

from core._storage.files import NewFile
from core._storage.keys import guessed_content_type
from core.storage import Storage

pytestmark = pytest.mark.parametrize("storage", ["local"], indirect=True)


@pytest.mark.parametrize(
    ("header", "status", "content"),
    [
        ("bytes=7-", 206, b"789"),
        ("bytes=-20", 206, b"0123456789"),
        ("bytes=8-99", 206, b"89"),
        ("bytes=4-2", 200, b"0123456789"),
        ("bytes=0-1,3-4", 200, b"0123456789"),
        ("bytes=-", 200, b"0123456789"),
    ],
)
async def test_range_is_answered_with_its_length(
    storage: Storage, header: str, status: int, content: bytes
) -> None:
    await storage.upload("x", b"0123456789")
    url = await storage.presign("x")
    answer = await request("GET", url, headers={"Range": header})
    assert (answer.status_code, answer.content) == (status, content)
    head = await request("HEAD", url, headers={"Range": header})
    assert (head.status_code, head.content) == (status, b"")
    lengths = {each.headers["content-length"] for each in (answer, head)}
    assert lengths == {str(len(content))}


async def test_range_beyond_the_end_names_the_size(storage: Storage) -> None:
    await storage.upload("x", b"0123456789")
    for header in ["bytes=10-", "bytes=-0"]:
        answer = await request("GET", await storage.presign("x"), headers={"Range": header})
        assert answer.status_code == 416
        assert answer.headers["content-range"] == "bytes */10"


async def test_full_disk_is_answered_without_its_folder(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: NewFile, __: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/srv/uploads")

    monkeypatch.setattr(NewFile, "write", full)
    with pytest.raises(OSError, match="No space left on device"):
        await storage.upload("new", b"content")
    answer = await request("PUT", await storage.presign("new", "PUT"), content=b"content")
    problem = {"type": "about:blank", "title": "The storage is full", "status": 507}
    assert (answer.status_code, answer.json()) == (507, problem)


async def test_compressed_files_and_data_urls_have_no_guessed_type(storage: Storage) -> None:
    for key in ["a.tar.gz", "data:text/html"]:
        assert guessed_content_type(key) == "application/octet-stream"
    await storage.upload("a.tar.gz", b"")
    assert (await storage.stat("a.tar.gz")).content_type == "application/octet-stream"
