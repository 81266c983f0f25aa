"""What benchmarks/storage.py runs in the project: rounds that take turns, or the memory."""

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiofiles

from core._storage.s3_client import get_client
from core.storage import get_storage
from settings import settings

MIB = 1024 * 1024
SIZES = {"1 KiB": 1024, "1 MiB": MIB, "64 MiB": 64 * MIB}
S3_SIZES = {"1 KiB": 1024, "1 MiB": MIB, "4 MiB": 4 * MIB}

Operation = Callable[[], Awaitable[object]]


async def speed(operation: Operation, seconds: float) -> float:
    """Return operations per second; at least one is made."""
    count, began = 0, time.perf_counter()
    while count < 1 or time.perf_counter() - began < seconds:
        await operation()
        count += 1
    return count / (time.perf_counter() - began)


def local(size: int) -> dict[str, tuple[Operation, Operation]]:
    """Return our operation and the one of aiofiles, which is not atomic."""
    storage, data, path = get_storage(), bytes(size), Path(settings.storage_local_path) / "other"

    async def write() -> None:
        async with aiofiles.open(path, "wb") as file:
            await file.write(data)

    async def read() -> bytes:
        async with aiofiles.open(path, "rb") as file:
            return await file.read()

    return {
        "write": (lambda: storage.upload("ours", data), write),
        "read": (lambda: storage.download("ours"), read),
    }


async def on_s3(size: int) -> dict[str, tuple[Operation, Operation]]:
    """Return our operation and that of the client alone."""
    storage, data, client = get_storage(), os.urandom(size), await get_client()
    bucket = settings.storage_s3_bucket
    other = {"Bucket": bucket, "Key": "other", "ContentType": "application/octet-stream"}

    async def read() -> bytes:
        answer = await client.get_object(Bucket=bucket, Key="other")
        async with answer["Body"]:
            content: bytes = await answer["Body"].read()
            return content

    return {
        "upload": (
            lambda: storage.upload("ours", data),
            lambda: client.put_object(**other, Body=data),
        ),
        "download": (lambda: storage.download("ours"), read),
    }


async def compare(rounds: int, seconds: float) -> dict[str, dict[str, list[float]]]:
    """Return operations per second, in rounds whose order changes."""
    results = {}
    is_local = settings.storage_backend == "local"
    for label, size in (SIZES if is_local else S3_SIZES).items():
        operations = local(size) if is_local else await on_s3(size)
        for name, (ours, other) in operations.items():
            await ours()
            await other()
            result: dict[str, list[float]] = {"paxx": [], "reference": []}
            for number in range(rounds):
                pair = [("paxx", ours), ("reference", other)]
                for who, operation in pair if number % 2 else reversed(pair):
                    result[who].append(await speed(operation, seconds))
            results[f"{name} {label}"] = result
    await get_storage().close()
    return results


def peak() -> int:
    """Return the most memory this process had so far, in MiB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) // 1024 if found else 0


async def memory() -> str:
    """Return the growth for a GiB."""
    storage = get_storage()

    async def data() -> AsyncIterator[bytes]:
        for _ in range(1024 * 16):
            yield bytes(65536)

    await storage.upload("small", b"x")
    await storage.download("small")
    before, began = peak(), time.perf_counter()
    await storage.upload("large", data())
    up = time.perf_counter() - began
    size = 0
    async for piece in storage.stream("large"):
        size += len(piece)
    down = time.perf_counter() - began - up
    await storage.delete("large")
    await storage.close()
    return f"{peak() - before} ({1024 / up:.0f} MiB/s up, {1024 / down:.0f} MiB/s down)"


if __name__ == "__main__":
    if sys.argv[1] == "--memory":
        print(asyncio.run(memory()))
    else:
        print(json.dumps(asyncio.run(compare(int(sys.argv[1]), float(sys.argv[2])))))
