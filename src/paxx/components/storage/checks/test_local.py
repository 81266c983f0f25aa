"""The folder: nothing outside of it is reached, nothing unfinished is seen."""

import asyncio
import os
import threading
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from checks.storage.driving import MIB, chunks, keys, temporary_files

from core._storage.files import STALE_AFTER
from core._storage.local import LocalStorage
from core.storage import InvalidKeyError, ObjectNotFoundError, Storage, StorageError
from settings import settings

pytestmark = pytest.mark.parametrize("storage", ["local"], indirect=True)


@pytest.fixture
def root(storage: Storage) -> Path:
    """Return the folder."""
    assert isinstance(storage, LocalStorage)
    folder = Path(settings.storage_local_path)
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def outside(root: Path) -> Path:
    """Return a folder beside it, whose name begins with its name."""
    folder = root.with_name(f"{root.name}-evil")
    folder.mkdir()
    (folder / "secret").write_bytes(b"secret")
    return folder


async def test_2_a_symlink_to_a_folder_is_not_followed(
    storage: Storage, root: Path, outside: Path
) -> None:
    (root / "link").symlink_to(outside)
    for call in [
        storage.download("link/secret"),
        storage.stat("link/secret"),
        storage.upload("link/new", b"x"),
        storage.upload("link/a/b", b"x"),
        storage.delete("link/secret"),
        storage.copy("link/secret", "x"),
        anext(storage.stream("link/secret")),
    ]:
        with pytest.raises((InvalidKeyError, ObjectNotFoundError)):
            await call
    assert await keys(storage) == []
    assert await keys(storage, "link/") == []
    assert os.listdir(outside) == ["secret"]  # noqa: PTH208  short


async def test_2_a_symlink_to_a_file_is_not_followed(
    storage: Storage, root: Path, outside: Path
) -> None:
    (root / "link").symlink_to(outside / "secret")
    for call in [
        storage.download("link"),
        storage.stat("link"),
        storage.upload("link", b"x"),
        storage.copy("link", "x"),
    ]:
        with pytest.raises((InvalidKeyError, ObjectNotFoundError)):
            await call
    await storage.delete("link")
    assert await keys(storage) == []
    assert (outside / "secret").read_bytes() == b"secret"
    assert temporary_files() == []


async def test_2_a_folder_that_turns_into_a_symlink_at_any_moment(
    storage: Storage, root: Path, outside: Path
) -> None:
    folder, over = root / "folder", threading.Event()
    folder.mkdir()

    def swap() -> None:
        for number in count():
            if over.is_set():
                return
            aside = root.with_name(f"aside{number}")
            folder.rename(aside)
            with suppress(OSError):  # the storage made the folder anew
                folder.symlink_to(outside)
                folder.unlink()
                aside.rename(folder)

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        refused = 0
        for _ in range(1_000):
            try:
                await storage.upload("folder/secret", b"mine")
                assert await storage.download("folder/secret") == b"mine"
            except (StorageError, OSError):
                refused += 1
    finally:
        over.set()
        swapping.join()
    assert refused
    assert (outside / "secret").read_bytes() == b"secret"
    assert os.listdir(outside) == ["secret"]  # noqa: PTH208  short


async def test_2_pipes_and_devices_are_no_objects(storage: Storage, root: Path) -> None:
    os.mkfifo(root / "pipe")
    with pytest.raises(ObjectNotFoundError):
        await storage.download("pipe")
    assert await keys(storage) == []


async def test_the_folder_itself_may_be_a_symlink(tmp_path: Path, storage: Storage) -> None:
    assert isinstance(storage, LocalStorage)
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    linked = LocalStorage(str(tmp_path / "link"))
    await linked.upload("a/b", b"x")
    assert await linked.download("a/b") == b"x"


async def test_files_are_for_their_owner_alone(storage: Storage, root: Path) -> None:
    await storage.upload("a/b", b"x")
    assert (root / "a/b").stat().st_mode & 0o077 == 0


async def test_folders_that_are_empty_go_away(storage: Storage, root: Path) -> None:
    await storage.upload("a/b/c", b"x")
    await storage.upload("a/d", b"x")
    await storage.delete("a/b/c")
    assert sorted(path.name for path in (root / "a").iterdir()) == ["d"]
    await storage.delete("a/d")
    await storage.upload("a", b"now a file")
    with pytest.raises(InvalidKeyError):
        await storage.upload("a/b", b"x")
    await storage.upload("b/c", b"x")
    with pytest.raises(InvalidKeyError):
        await storage.upload("b", b"x")
    assert temporary_files() == []


async def test_uploads_and_deletes_of_one_folder_do_not_disturb_each_other(
    storage: Storage,
) -> None:
    async def come_and_go(name: str) -> None:
        for _ in range(100):
            await storage.upload(f"a/b/{name}", b"x")
            await storage.delete(f"a/b/{name}")

    await asyncio.gather(*(come_and_go(str(number)) for number in range(8)))
    assert await keys(storage) == []


async def test_attributes_go_with_their_object(storage: Storage, root: Path) -> None:
    for _ in range(3):
        await storage.upload("x", b"x", metadata={"a": "b"})
    attributes = root / ".storage" / "attributes"
    assert len(list(attributes.iterdir())) == 1
    await storage.delete("x")
    assert list(attributes.iterdir()) == []


async def test_modes_that_were_changed_by_hand_lose_no_attributes(
    storage: Storage, root: Path
) -> None:
    await storage.upload("plain.txt", b"x")
    await storage.upload("described.txt", b"x", metadata={"a": "b"})
    for mode in (0o644, 0o600):
        for name in ("plain.txt", "described.txt"):
            (root / name).chmod(mode)
        assert (await storage.stat("plain.txt")).metadata == {}
        assert (await storage.stat("described.txt")).metadata == {"a": "b"}
    for name in ("plain.txt", "described.txt"):
        await storage.upload(name, b"again")
        assert (await storage.stat(name)).metadata == {}
    assert list((root / ".storage" / "attributes").iterdir()) == []


async def test_readers_and_writers_at_once_see_one_content_with_its_metadata(
    storage: Storage,
) -> None:
    async def write(number: int) -> None:
        for _ in range(100):
            data = bytes([number]) * (number + 1)
            await storage.upload("x", data, metadata={"size": str(number + 1)})

    async def read() -> None:
        for _ in range(300):
            stat = await storage.stat("x")
            assert stat.metadata["size"] == str(stat.size)
            data = await storage.download("x")
            assert len(data) == data[0] + 1

    await storage.upload("x", b"\0", metadata={"size": "1"})
    await asyncio.gather(*(write(number) for number in range(4)), read(), read())
    assert len(list((Path(settings.storage_local_path) / ".storage/attributes").iterdir())) == 1


async def test_what_a_killed_process_left_is_deleted_a_day_later(
    storage: Storage, root: Path
) -> None:
    await storage.upload("x", b"x")
    folder = root / ".storage" / "tmp"
    for name, age in [("old", STALE_AFTER + 60), ("young", 60.0)]:
        (folder / name).write_bytes(b"part")
        os.utime(folder / name, (time.time() - age,) * 2)
    await storage.open()
    assert [path.name for path in folder.iterdir()] == ["young"]


async def test_5_the_event_loop_goes_on_during_100_mib(storage: Storage) -> None:
    longest, elsewhere, over = 0.0, 0.0, False

    async def watch() -> None:
        nonlocal longest
        while not over:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - began)

    def watch_in_thread() -> None:
        nonlocal elsewhere
        while not over:
            began = time.perf_counter()
            time.sleep(0.001)
            elsewhere = max(elsewhere, time.perf_counter() - began)

    thread = threading.Thread(target=watch_in_thread)
    thread.start()
    watching = asyncio.create_task(watch())
    await storage.upload("x", chunks(100 * MIB))
    await storage.upload("y", bytes(100 * MIB))
    async for _ in storage.stream("x"):
        pass
    await storage.copy("x", "z")
    over = True
    await watching
    thread.join()
    print(f"longest pause of the event loop: {longest * 1000:.0f} ms")
    assert longest < 0.25 + 2 * elsewhere  # a busy machine holds up any thread
