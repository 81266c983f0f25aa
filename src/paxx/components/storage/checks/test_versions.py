"""One version of an object after the other: no two are mixed, no older one comes late."""

import asyncio
import shutil
import threading
from email.utils import format_datetime
from pathlib import Path

import pytest
from checks.storage.driving import MIB, chunks, request, temporary_files

from core._storage import files
from core._storage.files import NewFile
from core._storage.local import LocalStorage
from core.storage import Storage
from settings import settings

pytestmark = pytest.mark.parametrize("storage", ["local"], indirect=True)


class Held:
    """A method of NewFile whose first call waits until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
        self.entered, self.go = threading.Event(), threading.Event()
        original = getattr(NewFile, method)

        def held(file: NewFile, *arguments: object) -> None:
            if not self.entered.is_set():
                self.entered.set()
                self.go.wait(30)
            original(file, *arguments)

        monkeypatch.setattr(files.NewFile, method, held)


async def test_an_upload_that_was_cancelled_does_not_replace_a_later_one(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch, "commit")
    cancelled = asyncio.create_task(storage.upload("x", b"cancelled"))
    await asyncio.to_thread(held.entered.wait)
    cancelled.cancel()
    asyncio.get_running_loop().call_later(0.1, held.go.set)
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    await storage.upload("x", b"acknowledged")
    assert await storage.download("x") == b"acknowledged"


@pytest.mark.parametrize("times", [1, 2, 5])
async def test_a_file_is_not_closed_under_the_thread_that_writes_it(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    held = Held(monkeypatch, "write")
    task = asyncio.create_task(storage.upload("x", chunks(8 * MIB)))
    await asyncio.to_thread(held.entered.wait)
    for _ in range(times):
        task.cancel()
        for _ in range(5):
            await asyncio.sleep(0)
        assert not task.done()
    held.go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert temporary_files() == []
    assert not await storage.exists("x")


def test_a_loop_that_ends_waits_for_the_thread_that_writes(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch, "write")

    async def give_up() -> None:
        task = asyncio.create_task(storage.upload("x", chunks(8 * MIB)))
        await asyncio.to_thread(held.entered.wait)
        threading.Timer(0.1, held.go.set).start()
        task.get_name()  # it is cancelled when the loop ends

    asyncio.run(give_up())
    assert temporary_files() == []


async def test_versions_that_follow_at_once_have_etags_of_their_own(storage: Storage) -> None:
    seen = set()
    for number in range(300):
        await storage.upload("x", b"%08d" % number)
        seen.add((await storage.stat("x")).etag)
    assert len(seen) == 300


async def test_a_copy_of_the_folder_keeps_content_types_and_metadata(
    storage: Storage, tmp_path: Path
) -> None:
    await storage.upload("a/x.txt", b"x", content_type="a/b", metadata={"owner": "7"})
    shutil.copytree(settings.storage_local_path, tmp_path / "restored")
    restored = LocalStorage(str(tmp_path / "restored"))
    before, after = await storage.stat("a/x.txt"), await restored.stat("a/x.txt")
    assert after == before
    assert (after.content_type, dict(after.metadata)) == ("a/b", {"owner": "7"})


async def test_a_range_is_of_the_version_that_was_asked_for(storage: Storage) -> None:
    await storage.upload("x", b"old content")
    url = await storage.presign("x")
    old = (await request("GET", url)).headers["etag"]
    asked = {"Range": "bytes=4-", "If-Range": old}
    part = await request("GET", url, headers=asked)
    assert (part.status_code, part.content) == (206, b"content")
    await storage.upload("x", b"NEW CONTENT")
    modified = format_datetime((await storage.stat("x")).modified, usegmt=True)
    for asked["If-Range"] in [old, modified, "*"]:
        whole = await request("GET", url, headers=asked)
        assert (whole.status_code, whole.content) == (200, b"NEW CONTENT")


async def test_an_object_that_is_replaced_while_it_is_sent_is_sent_as_it_was(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await storage.upload("x", b"12345")
    opened = files.open_described

    def replaced(*arguments: object) -> object:
        found = opened(*arguments)
        NewFile.commit(*_written(arguments[0], b"1"), ["x"], {})
        return found

    monkeypatch.setattr("core._storage.local.open_described", replaced)
    answer = await request("GET", await storage.presign("x"))
    assert (answer.headers["content-length"], answer.content) == ("5", b"12345")
    assert await storage.download("x") == b"1"


def _written(root: object, content: bytes) -> list[NewFile]:
    file = NewFile(root)  # type: ignore[arg-type]
    file.write(content)
    return [file]


@pytest.mark.parametrize("expires", ["9" * 400, "-1", "0", "1e3", ""])
async def test_an_expiry_that_was_made_up_is_refused(storage: Storage, expires: str) -> None:
    await storage.upload("x", b"x")
    answer = await request("GET", f"/storage/x?expires={expires}&signature={'0' * 64}")
    assert answer.status_code in (403, 422)
