"""The queue and its worker on a real Redis: kills, stops, outages; numbers as in the research."""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from redis.asyncio import Redis
from working import PATIENCE, QUEUE, Workers, add

import core.arq
import servers
from core.arq import QueueUnavailable, enqueue
from settings import settings

JOBS = 1000
KILLS = 4
RIGHTS = (
    "~arq:*",
    f"~{QUEUE}*",
    f"~{settings.arq_queue_name}*",
    "+@connection",
    "+@read",
    "+@write",
    "+@transaction",
    "+@scripting",
    "+time",
)
"""What the worker and `enqueue` need, as the page of the component states it."""


def numbers(book: list[str]) -> set[int]:
    return {int(line.split()[1]) for line in book if line.startswith("note ")}


async def until(workers: Workers, *lines: str) -> list[str]:
    return await asyncio.to_thread(workers.wait_for, lambda book: set(lines) <= set(book))


async def test_1_a_day_of_delay_keeps_the_job_for_two(workers: Workers) -> None:
    job = await enqueue("note", number=1, _defer_by=timedelta(hours=24), _queue_name=QUEUE)
    assert job is not None
    async with Redis.from_url(workers.url) as redis:
        hours = await redis.pttl(f"arq:job:{job.id}") / 3_600_000
        score = await redis.zscore(QUEUE, job.id)
        assert abs(hours - 48) < 0.1
        assert abs(score / 1000 - time.time() - 86_400) < 60
        workers.start()
        later = await add("note", number=2)
        await later.result(PATIENCE)
        assert numbers(workers.book()) == {2}
        await redis.zadd(QUEUE, {job.id: time.time() * 1000})
    assert await job.result(PATIENCE) == 1


@pytest.mark.nightly
async def test_2_a_thousand_jobs_run_once_each_with_two_workers(workers: Workers) -> None:
    workers.start()
    workers.start()
    await asyncio.gather(*(add("note", number=number) for number in range(1000)))
    book = await asyncio.to_thread(workers.wait_for, lambda book: len(book) >= 1000)
    assert len(book) == 1000
    assert numbers(book) == set(range(1000))


async def enqueue_until_acknowledged(acknowledged: set[int]) -> int:
    """Enqueue until JOBS jobs are acknowledged, and return how many were refused."""
    for number in count():
        if len(acknowledged) == JOBS:
            return number - JOBS
        try:
            await add("note", number=number)
        except QueueUnavailable:
            await asyncio.sleep(0.05)
        else:
            acknowledged.add(number)
    raise AssertionError


async def kill_in_turn(workers: Workers, server: servers.Redis, acknowledged: set[int]) -> None:
    worker = workers.start(ARQ_MAX_JOBS="5")
    for turn in range(KILLS):
        while len(acknowledged) < JOBS * (turn + 1) // (KILLS + 1):
            await asyncio.sleep(0.01)
        if turn % 2:
            await asyncio.to_thread(server.kill)
            await asyncio.sleep(0.3)
            await asyncio.to_thread(server.start_again)
        else:
            worker.kill()
            await asyncio.to_thread(worker.wait)
            worker = workers.start(ARQ_MAX_JOBS="5")


@pytest.mark.nightly
async def test_2_nothing_acknowledged_is_lost_when_worker_and_server_are_killed(
    workers: Workers, server: servers.Redis
) -> None:
    """Kill each a few times, by SIGKILL, while jobs are enqueued and run."""
    acknowledged: set[int] = set()
    refused, _ = await asyncio.gather(
        enqueue_until_acknowledged(acknowledged), kill_in_turn(workers, server, acknowledged)
    )
    book = await asyncio.to_thread(workers.wait_for, lambda book: numbers(book) >= acknowledged)
    found = numbers(book) & acknowledged
    print(f"acknowledged {len(acknowledged)}, found {len(found)}, refused {refused}")
    assert found == acknowledged


async def test_2_a_worker_that_is_told_to_stop_ends_its_job_first(workers: Workers) -> None:
    worker = workers.start()
    await add("pause", name="stopped", seconds=1.5)
    await until(workers, "begin stopped 1")
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, PATIENCE) == 0
    assert "end stopped 1" in workers.book()


@pytest.mark.nightly
async def test_3_a_worker_outlives_a_restart_of_redis(
    workers: Workers, server: servers.Redis
) -> None:
    worker = workers.start()
    await (await add("note", number=1)).result(PATIENCE)
    await asyncio.to_thread(server.stop)
    with pytest.raises(QueueUnavailable):
        await add("note", number=2)
    await asyncio.sleep(3)
    await asyncio.to_thread(server.start_again)
    assert await (await add("note", number=3)).result(PATIENCE) == 3
    assert worker.poll() is None


@pytest.mark.nightly
async def test_3_a_worker_that_starts_without_redis_waits_for_it(
    workers: Workers, server: servers.Redis
) -> None:
    await asyncio.to_thread(server.stop)
    worker = workers.start()
    await asyncio.sleep(7)  # more than the five tries that arq makes by itself
    assert worker.poll() is None
    await asyncio.to_thread(server.start_again)
    assert await (await add("note", number=1)).result(PATIENCE) == 1


@pytest.mark.nightly
async def test_3_a_server_that_hangs_costs_no_more_than_the_limit(
    workers: Workers, server: servers.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await core.arq.ready()
    server.pause()
    try:
        with monkeypatch.context() as patch:
            patch.setattr(core.arq, "CALL_TIMEOUT", 2.0)
            async with asyncio.timeout(PATIENCE):
                with pytest.raises(QueueUnavailable):
                    await add("note", number=1)
    finally:
        server.resume()
    workers.start()
    assert await (await add("note", number=2)).result(PATIENCE) == 2


@pytest.mark.nightly
async def test_4_the_settings_are_effective(workers: Workers) -> None:
    workers.start(ARQ_MAX_JOBS="2", ARQ_JOB_TIMEOUT="5")
    jobs = [await add("pause", name=f"job{number}", seconds=0.5) for number in range(4)]
    for job in jobs:
        await job.result(PATIENCE)
    starts = [line for line in workers.book() if line.startswith(("begin", "end"))]
    running = highest = 0
    for line in starts:
        running += 1 if line.startswith("begin") else -1
        highest = max(highest, running)
    assert highest == 2
    slow = await add("pause", name="slow", seconds=PATIENCE)
    with pytest.raises(core.arq.JobFailed, match="TimeoutError"):
        await slow.result(PATIENCE)


async def test_4_a_password_with_escapes_is_understood(tmp_path: Path) -> None:
    with servers.Redis.start(password="p@ss/w:rd") as redis:
        url = f"redis://:p%40ss%2Fw%3Ard@127.0.0.1:{redis.port}/3"
        workers = Workers(url, tmp_path, QUEUE)
        workers.start()
        try:
            code = (
                "import asyncio, core.arq\n"
                f"core.arq.CONNECT_TIMEOUT = core.arq.CALL_TIMEOUT = {PATIENCE}\n"
                "async def main():\n"
                f"    job = await core.arq.enqueue('note', number=1, _queue_name='{QUEUE}')\n"
                f"    print(await job.result({PATIENCE}))\n"
                "    await core.arq.close()\n"
                "asyncio.run(main())\n"
            )
            done = await asyncio.to_thread(
                subprocess.run,
                [sys.executable, "-c", code],
                env=workers.environment | {"ARQ_QUEUE_NAME": "other"},
                capture_output=True,
                text=True,
            )
            assert done.stdout == "1\n", done.stderr
        finally:
            workers.close()


class Bomb:
    """Runs a command when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.path}",)


async def test_5_a_hostile_payload_is_not_executed(workers: Workers, tmp_path: Path) -> None:
    workers.start()
    payload = pickle.dumps(
        {"t": 1, "f": "note", "a": (), "k": {"x": Bomb(tmp_path / "boom")}, "et": 1}
    )
    async with Redis.from_url(workers.url) as redis:
        await redis.set("arq:job:evil", payload)
        await redis.zadd(QUEUE, {"evil": 1})
        deadline = time.monotonic() + PATIENCE
        while await redis.zscore(QUEUE, "evil") is not None:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
    assert await (await add("note", number=1)).result(PATIENCE) == 1
    assert not (tmp_path / "boom").exists()
    assert "deserializing job evil failed" in workers.log.read_text()


async def test_6_a_name_that_another_release_no_longer_has_fails_the_job(workers: Workers) -> None:
    workers.start()
    job = await add("gone")
    with pytest.raises(core.arq.JobFailed, match="function 'gone' not found"):
        await job.result(PATIENCE)


@pytest.mark.nightly
async def test_7_the_health_check_tells_of_a_dead_worker(workers: Workers) -> None:
    worker = workers.start()
    await (await add("note", number=1)).result(PATIENCE)
    assert await asyncio.to_thread(workers.check) == 0
    worker.kill()
    worker.wait()
    deadline = time.monotonic() + PATIENCE
    while await asyncio.to_thread(workers.check) == 0:
        assert time.monotonic() < deadline


async def test_8_tasks_use_the_database_the_cache_and_the_queue(workers: Workers) -> None:
    workers.start()
    result = await (await add("uses")).result(PATIENCE)
    assert (result["database"], result["cache"]) == (1, "cached")
    assert result["child"]


@pytest.fixture
async def limit(
    workers: Workers, server: servers.Redis, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., Awaitable[None]]]:
    """Return a function that denies commands to the Redis user of the queue."""
    async with Redis.from_url(workers.url) as redis:

        async def deny(*commands: str) -> None:
            denied = (f"-{command}" for command in commands)
            await redis.execute_command(
                "ACL", "SETUSER", "limited", "reset", "on", ">secret", *RIGHTS, *denied
            )

        workers.url = f"redis://limited:secret@127.0.0.1:{server.port}/5"
        monkeypatch.setattr(settings, "arq_redis_url", workers.url)
        yield deny


async def test_worker_runs_jobs_of_a_redis_user_without_info(
    workers: Workers, limit: Callable[..., Awaitable[None]]
) -> None:
    await limit("info", "dbsize")
    workers.start()
    assert await (await add("note", number=1)).result(PATIENCE) == 1
    await core.arq.ready()
    await limit("zadd")
    with pytest.raises(QueueUnavailable):
        await core.arq.ready()


async def test_watching_worker_ends_with_the_error(
    workers: Workers, limit: Callable[..., Awaitable[None]], tmp_path: Path
) -> None:
    await limit("zrangebyscore")
    worker = workers.start("--watch", str(tmp_path))
    assert await asyncio.to_thread(worker.wait, PATIENCE) == 1
    assert "no permissions to run the 'zrangebyscore' command" in workers.log.read_text()


async def test_a_task_that_fails_for_a_while_is_tried_again(workers: Workers) -> None:
    workers.start()
    await (await add("flaky", until=3)).result(PATIENCE)
    assert workers.book() == ["flaky 1", "flaky 2", "flaky 3"]


async def test_a_duplicate_id_is_told(workers: Workers) -> None:
    assert await enqueue("note", number=1, _job_id="one", _queue_name=QUEUE) is not None
    assert await enqueue("note", number=1, _job_id="one", _queue_name=QUEUE) is None
    workers.start()
    await until(workers, "note 1 1")


async def test_the_trace_of_the_request_goes_on_in_the_task(workers: Workers) -> None:
    trace = pytest.importorskip("opentelemetry.sdk.trace", reason="only with the metrics component")
    with servers.OtlpReceiver.start() as collector:
        workers.start(
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.grpc_endpoint, OTEL_BSP_SCHEDULE_DELAY="100"
        )
        tracer = trace.TracerProvider().get_tracer("checks")
        with tracer.start_as_current_span("request") as span:
            await (await add("note", number=1)).result(PATIENCE)
        [task] = await asyncio.to_thread(
            collector.wait_for, 1, PATIENCE, lambda each: each["name"] == "note"
        )
    assert task["trace_id"] == f"{span.get_span_context().trace_id:032x}"
    assert task["parent_id"] == f"{span.get_span_context().span_id:016x}"
    assert task["kind"] == "consumer"
