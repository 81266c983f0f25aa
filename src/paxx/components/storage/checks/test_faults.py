"""Crashes, full disks and large objects: what was acknowledged is there, the rest is not."""

import asyncio
import hashlib
import json
import subprocess

import pytest
from checks.storage.driving import MIB, keys, spawn, temporary_files

import servers
from core.storage import Storage, StorageError, get_storage
from settings import settings

pytestmark = pytest.mark.nightly

UPLOADS = 1_200
KILLS = 3
PATIENCE = 900.0  # seconds; a busy machine takes many

UPLOADING = """
import asyncio, sys
from core.storage import get_storage

async def main(first, count):
    storage = get_storage()
    async def upload(numbers):
        for number in numbers:
            key = f"load/{number:05}"
            await storage.upload(key, (key * 200).encode())
            print(key, flush=True)
    await asyncio.gather(*(upload(range(first + each, first + count, 8)) for each in range(8)))

asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
"""

HALF_WAY = """
import asyncio
from core.storage import get_storage

async def data():
    for number in range(100):
        yield bytes(1024 * 1024)
        if number == 50:
            print("half", flush=True)
            await asyncio.sleep(60)

asyncio.run(get_storage().upload("x", data()))
"""

FULL_DISK = """
import asyncio, resource
from core.storage import StorageError, get_storage

async def chunks():
    for _ in range(10):
        yield bytes(1024 * 1024)

async def main():
    storage = get_storage()
    await storage.upload("x", b"old")
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * 1024 * 1024, resource.RLIM_INFINITY))
    for data in (bytes(3 * 1024 * 1024), bytes(10 * 1024 * 1024), chunks()):
        try:
            await storage.upload("x", data)
        except OSError as error:
            print(type(error).__name__, isinstance(error, StorageError))
    await storage.upload("y", b"there is room for this")

asyncio.run(main())
"""

LARGE = """
import asyncio, json, re, sys
from pathlib import Path
from core.storage import get_storage

SIZE = int(sys.argv[1])

def peak():
    # Not ru_maxrss, to which the process that started this one adds.
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024

async def data():
    for _ in range(SIZE // 65536):
        yield bytes(65536)

async def main():
    storage = get_storage()
    await storage.upload("small", b"x")
    await storage.download("small")
    before = peak()
    await storage.upload("large", data())
    up = peak() - before
    size = 0
    async for piece in storage.stream("large"):
        size += len(piece)
    print(json.dumps({"size": size, "up": up, "both": peak() - before}))
    await storage.delete("large")
    await storage.close()

asyncio.run(main())
"""


async def check_acknowledged(storage: Storage, acknowledged: list[str]) -> None:
    """Fail unless all that was acknowledged is there, and nothing is there in part."""
    found = {key: await storage.download(key) for key in await keys(storage, "load/")}
    kept = [key for key in acknowledged if key in found]
    whole = [key for key, content in found.items() if content == (key * 200).encode()]
    print(f"{settings.storage_backend}: acknowledged {len(acknowledged)}, found {len(kept)}")
    assert len(kept) == len(acknowledged)
    assert len(whole) == len(found)


async def test_3_uploading_processes_that_are_killed_lose_nothing_acknowledged(
    storage: Storage,
) -> None:
    acknowledged: list[str] = []
    for number in range(KILLS + 1):
        share = UPLOADS // (KILLS + 1)
        process = spawn(UPLOADING, str(number * share), str(share), stdout=subprocess.PIPE)
        assert process.stdout is not None
        with process:
            for line in process.stdout:
                acknowledged.append(line.decode().strip())
                if number < KILLS and len(acknowledged) % share == share // 2:
                    process.kill()
    # Those that were cut off are uploaded again, as a client would.
    missing = [n for n in range(UPLOADS) if f"load/{n:05}" not in set(acknowledged)]
    assert missing
    for number in missing:
        key = f"load/{number:05}"
        await storage.upload(key, (key * 200).encode())
        acknowledged.append(key)
    assert len(acknowledged) >= 1_000
    await check_acknowledged(storage, acknowledged)


async def test_a_server_that_is_killed_during_uploads_loses_nothing_acknowledged(
    mortal: servers.S3,
) -> None:
    storage = get_storage()
    acknowledged: list[str] = []
    refused = 0

    async def upload(numbers: range) -> None:
        nonlocal refused
        for number in numbers:
            key = f"load/{number:05}"
            while True:
                try:
                    await storage.upload(key, (key * 200).encode())
                    break
                except StorageError:
                    refused += 1
                    await asyncio.sleep(0.1)
            acknowledged.append(key)

    async def kill() -> None:
        for number in range(1, KILLS + 1):
            while len(acknowledged) < number * UPLOADS // (KILLS + 1):
                await asyncio.sleep(0.01)
            await asyncio.to_thread(mortal.kill)
            await asyncio.to_thread(mortal.start_again)

    loads = [upload(range(first, UPLOADS, 8)) for first in range(8)]
    await asyncio.gather(kill(), *loads)
    print(f"{KILLS} kills of the server, {refused} uploads refused and repeated")
    assert len(acknowledged) == UPLOADS
    await check_acknowledged(storage, acknowledged)


async def test_3_a_process_that_is_killed_half_way_leaves_no_part(storage: Storage) -> None:
    await storage.upload("x", b"old")
    process = spawn(HALF_WAY, stdout=subprocess.PIPE)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half\n"
        process.kill()
    assert await storage.download("x") == b"old"
    assert await keys(storage) == ["x"]


@pytest.mark.parametrize("storage", ["local"], indirect=True)
async def test_a_full_disk_is_an_error_and_keeps_what_was_there(storage: Storage) -> None:
    process = spawn(FULL_DISK, stdout=subprocess.PIPE)
    printed, _ = process.communicate(timeout=PATIENCE)
    assert printed.decode().splitlines() == ["StorageFullError True"] * 3
    assert process.returncode == 0
    assert await storage.download("x") == b"old"
    assert await storage.exists("y")
    assert temporary_files() == []


async def test_4_a_gibibyte_up_and_down_takes_less_than_64_mib(storage: Storage) -> None:
    await storage.ready()
    process = spawn(LARGE, str(1024 * MIB), stdout=subprocess.PIPE)
    printed, _ = process.communicate(timeout=PATIENCE)
    result = json.loads(printed)
    print(f"{settings.storage_backend}: MiB of growth {result}")
    assert result["size"] == 1024 * MIB
    assert result["both"] < 64


async def test_a_large_object_arrives_as_it_was(storage: Storage) -> None:
    sent, received = hashlib.sha256(), hashlib.sha256()

    async def data():  # type: ignore[no-untyped-def]
        for number in range(80):
            piece = number.to_bytes(4, "big") * (MIB // 4 + number)
            sent.update(piece)
            yield piece

    await storage.upload("x", data())
    async for piece in storage.stream("x"):
        received.update(piece)
    assert sent.digest() == received.digest()
