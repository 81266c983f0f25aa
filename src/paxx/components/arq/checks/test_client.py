"""The client of the queue: payloads, limits and event loops."""

import asyncio
import gc
import pickle
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from arq import constants
from arq.connections import ArqRedis
from arq.worker import create_worker
from redis.asyncio import ConnectionPool, Redis

import core.arq
import servers
from core._arq import payload
from core._arq.lease_worker import Worker
from core.arq import Job, QueueUnavailable, enqueue, get_job
from core.tasks import WorkerSettings
from settings import settings


@pytest.fixture(scope="module")
def server() -> Iterator[servers.Redis]:
    with servers.Redis.start() as started:
        yield started


@pytest.fixture(autouse=True)
async def _use(server: servers.Redis, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setattr(settings, "arq_redis_url", server.url)
    monkeypatch.setattr(core.arq, "CONNECT_TIMEOUT", 30.0)
    monkeypatch.setattr(core.arq, "CALL_TIMEOUT", 30.0)
    await core.arq.close()
    yield
    await core.arq.close()
    async with Redis.from_url(server.url) as redis:
        await redis.flushdb()


async def test_enqueue_refuses_two_delays() -> None:
    with pytest.raises(ValueError, match="not both"):
        await enqueue("send_reminder", _defer_by=1, _defer_until=datetime.now(UTC))


async def test_enqueue_refuses_settings_that_are_not_complete(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(WorkerSettings, "job_deserializer")
    with pytest.raises(RuntimeError, match=r"has to call `complete\(WorkerSettings\)`"):
        await enqueue("send_reminder", user_id=1)


def test_payload_that_is_not_json_is_not_loaded() -> None:
    with pytest.raises(ValueError, match=r"utf-8|Expecting"):
        payload.loads(pickle.dumps({"f": "send_reminder"}))
    with pytest.raises(ValueError, match="not the message of a job"):
        payload.loads(b"[]")


def test_error_of_a_job_becomes_type_and_text() -> None:
    raw = payload.dumps({"r": ValueError("too late"), "s": False})
    assert payload.error_of(payload.loads(raw)["r"]) == ("ValueError", "too late")
    assert payload.error_of("lost") == ("Error", "lost")


async def test_job_whose_command_was_repeated_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    ids: list[str] = []

    async def is_taken(job: Job, *_: object) -> bool:
        ids.append(job.id)
        return False

    monkeypatch.setattr(core.arq, "_put", is_taken)
    assert await enqueue("send_reminder", user_id=1) == get_job(ids[0])
    assert await enqueue("send_reminder", user_id=1, _job_id="taken") is None
    assert (len(ids[0]), ids[1]) == (32, "taken")


async def test_job_id_is_queued_once_among_many_calls() -> None:
    calls = [enqueue("send_reminder", user_id=each, _job_id="one") for each in range(50)]
    assert len([each for each in await asyncio.gather(*calls) if each]) == 1


async def test_job_is_written_as_arq_writes_it(server: servers.Redis) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    for options in [{}, {"_defer_by": 60}, {"_defer_until": until}, {"_expires": 7.5}]:
        ours = await enqueue("send_reminder", user_id=1, **options)  # type: ignore[arg-type]
        arq = ArqRedis(
            ConnectionPool.from_url(server.url),
            job_serializer=payload.dumps,
            job_deserializer=payload.loads,
            default_queue_name=settings.arq_queue_name,
        )
        theirs = await arq.enqueue_job("send_reminder", user_id=1, **options)  # type: ignore[arg-type]
        assert ours is not None
        assert theirs is not None
        first, second = await arq.queued_jobs()
        for each in (first, second):
            assert (each.function, each.args, each.kwargs) == ("send_reminder", [], {"user_id": 1})
            assert each.job_try is None
        lives = [await arq.pttl(payload.JOB_KEY + each) for each in (ours.id, theirs.job_id)]
        assert abs(lives[0] - lives[1]) < 5000
        scores = [
            await arq.zscore(settings.arq_queue_name, each) for each in (ours.id, theirs.job_id)
        ]
        assert abs(scores[0] - scores[1]) < 5000
        await arq.flushdb()
        await arq.aclose(close_connection_pool=True)


def test_application_does_not_load_the_worker_of_arq() -> None:
    code = "import sys, main; print([each for each in sys.modules if each.split('.')[0] == 'arq'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_keys_are_those_of_arq() -> None:
    assert constants.job_key_prefix == payload.JOB_KEY
    assert constants.result_key_prefix == payload.RESULT_KEY
    assert constants.retry_key_prefix == payload.RETRY_KEY


def test_arq_starts_our_worker() -> None:
    worker = create_worker(dict(vars(WorkerSettings)), handle_signals=False)
    assert isinstance(worker, Worker), "arq no longer makes its worker from `arq.worker.Worker`"


async def test_call_without_a_connection_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.arq, "CALL_TIMEOUT", 0.01)
    monkeypatch.setattr(core.arq, "MAX_CONNECTIONS", 0)
    with pytest.raises(QueueUnavailable):
        await enqueue("send_reminder", user_id=1)
    gc.collect()  # a coroutine that was never awaited warns, which is an error in tests


async def test_result_of_an_unknown_job_raises() -> None:
    job = get_job("nobody")
    assert await job.status() == "not_found"
    with pytest.raises(LookupError):
        await job.result()


async def test_result_waits_no_longer_than_its_timeout() -> None:
    job = await enqueue("send_reminder", user_id=1)
    assert job is not None
    with pytest.raises(TimeoutError):
        await job.result(timeout=0.1)


async def test_each_event_loop_has_its_own_client() -> None:
    async def once() -> None:
        await core.arq.ready()
        await core.arq.close()

    for _ in range(3):  # in a thread, where a loop of its own may run and be closed
        await asyncio.to_thread(asyncio.run, once())
