"""What a worker survives, and what survives a worker: malformed jobs, kills, wrong clocks."""

import asyncio
import json
import subprocess
import sys

import pytest
from arq.connections import ArqRedis
from redis.asyncio import Redis
from working import PATIENCE, QUEUE, Workers, add

from core.arq import JobFailed, dead_letters, get_job, requeue


def message(**changes: object) -> str:
    """Return the message of a job, with changes."""
    fields = {"t": None, "f": "note", "a": [], "k": {"number": 1}, "et": 1_700_000_000_000}
    return json.dumps(fields | changes)


MALFORMED = {
    "not-json": "{",
    "list": "[]",
    "no-name": "{}",
    "name": message(f=["note"]),
    "try": message(t="1"),
    "time": message(et="now"),
    "far": message(et=10**20),
    "farther": message(et=10**30),
}


async def test_malformed_jobs_become_dead_letters_and_the_worker_lives(workers: Workers) -> None:
    worker = workers.start()
    async with Redis.from_url(workers.url) as redis:
        for name, value in MALFORMED.items():
            await redis.set(f"arq:job:{name}", value)
        await redis.set("arq:job:eternal", message())
        await redis.zadd(QUEUE, dict.fromkeys(MALFORMED, 1) | {"eternal": float("-inf")})
        await redis.zadd(QUEUE, {b"\xff\xfe": 1})
        while await redis.zcard(QUEUE):
            assert worker.poll() is None, workers.log.read_text()[-2000:]
            await asyncio.sleep(0.05)
    assert await (await add("note", number=2)).result(PATIENCE) == 2
    letters = {each["id"]: each for each in await dead_letters(QUEUE)}
    assert set(letters) == {*MALFORMED, "eternal", "\\xff\\xfe"}
    assert all(each["reason"] for each in letters.values())
    assert "JSONDecodeError" in letters["not-json"]["reason"]
    assert {name: letters[name]["message"] for name in MALFORMED} == MALFORMED


async def test_dead_letter_is_shown_and_requeued_by_the_command(workers: Workers) -> None:
    first = workers.start()
    job = await add("later")
    with pytest.raises(JobFailed, match="function 'later' not found"):
        await job.result(PATIENCE)
    first.terminate()
    assert await asyncio.to_thread(first.wait, PATIENCE) == 0

    async def command(*arguments: str) -> str:
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "core.arq", *arguments],
            env=workers.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    letter = json.loads(await command())
    assert (letter["id"], json.loads(letter["message"])["f"]) == (job.id, "later")
    assert "function 'later' not found" in letter["reason"]
    await command(job.id)
    assert await command() == ""
    workers.start(LATER="yes")
    await asyncio.to_thread(workers.wait_for, lambda book: book == ["later 1"])
    assert await job.result(PATIENCE) is None


async def test_requeued_job_has_all_of_its_tries(workers: Workers) -> None:
    letter = {"id": "tired", "reason": "max 5 retries exceeded", "message": message()}
    async with Redis.from_url(workers.url) as redis:
        await redis.lpush(f"{QUEUE}:dead-letters", json.dumps(letter))
        await redis.set("arq:retry:tired", 6)
    await requeue(letter, QUEUE)
    assert await dead_letters(QUEUE) == []
    workers.start()
    assert await get_job("tired", QUEUE).result(PATIENCE) == 1


@pytest.mark.nightly
async def test_job_of_a_killed_worker_is_soon_free(workers: Workers) -> None:
    worker = workers.start()
    job = await add("pause", name="killed", seconds=600.0)
    await asyncio.to_thread(workers.wait_for, lambda book: book == ["begin killed 1"])
    worker.kill()
    worker.wait()
    async with Redis.from_url(workers.url) as redis:
        assert 0 < await redis.pttl(f"arq:in-progress:{job.id}") < 30_000
    workers.start()
    await asyncio.to_thread(workers.wait_for, lambda book: "end killed 2" in book)


@pytest.mark.nightly
async def test_job_longer_than_its_lease_runs_once(workers: Workers) -> None:
    workers.start(LEASE="2")
    workers.start(LEASE="2")
    await (await add("pause", name="long", seconds=6.0)).result(PATIENCE)
    assert workers.book() == ["begin long 1", "end long 1"]


async def test_worker_with_a_wrong_clock_does_not_start(workers: Workers) -> None:
    worker = workers.start(CLOCK_OFFSET="-40")
    assert await asyncio.to_thread(worker.wait, PATIENCE) == 1
    assert "the clock of this worker and that of Redis differ by 40" in workers.log.read_text()


@pytest.mark.parametrize("offset", ["-5", "5"])
async def test_worker_warns_of_a_clock_that_is_slightly_wrong(
    workers: Workers, offset: str
) -> None:
    workers.start(CLOCK_OFFSET=offset)
    await (await add("note", number=1)).result(PATIENCE)
    assert "and that of Redis differ by " in workers.log.read_text()


async def test_run_by_the_clock_is_not_repeated_by_a_late_worker(workers: Workers) -> None:
    workers.start(TICK="yes")
    book = await asyncio.to_thread(workers.wait_for, lambda book: len(book) >= 2)
    late = ArqRedis.from_url(workers.url)
    job = await late.enqueue_job("cron:tick", _job_id=book[0].split()[1], _queue_name=QUEUE)
    await late.aclose()
    assert job is None
