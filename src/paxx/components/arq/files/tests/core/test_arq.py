"""Background tasks: what `enqueue` refuses, what an outage costs, and a worker on a real Redis."""

import asyncio
import gc
import logging
import pickle
import socket
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from arq import Retry
from arq.connections import ArqRedis
from arq.worker import Worker, create_worker
from fastapi import FastAPI

import core.arq
from core._arq import payload
from core._arq.worker import MAX_TRIES, Context, complete, retry_on
from core.arq import JobFailed, QueueUnavailable, UnknownTask, enqueue, get_job
from core.tasks import WorkerSettings
from settings import settings

# arq closes its connections by a name that redis-py calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated close:DeprecationWarning")


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait longer for the server than a request does: a busy machine is slow, not down."""
    monkeypatch.setattr(core.arq, "CONNECT_TIMEOUT", 30.0)
    monkeypatch.setattr(core.arq, "CALL_TIMEOUT", 30.0)


@pytest.fixture
async def no_server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Make Redis a port on which nothing listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"redis://127.0.0.1:{closed.getsockname()[1]}/0"
        monkeypatch.setattr(settings, "arq_redis_url", url)
        await core.arq.close()
        yield
        await core.arq.close()


async def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(UnknownTask, match=r"`send_nothing`; there are .*send_reminder"):
        await enqueue("send_nothing")


@pytest.mark.parametrize(
    ("value", "offender"),
    [
        (datetime.now(UTC), "a datetime"),
        (b"bytes", "a bytes"),
        ({1: "x"}, "a key that is not a string"),
        ([{"deep": {1, 2}}], "a set"),
        (float("nan"), "nan"),
    ],
)
async def test_what_json_cannot_carry_is_refused_by_name(value: Any, offender: str) -> None:
    with pytest.raises(TypeError, match=f"argument `extra` .* holds {offender}, which JSON"):
        await enqueue("send_reminder", user_id=1, extra=value)


async def test_two_delays_are_refused() -> None:
    with pytest.raises(ValueError, match="not both"):
        await enqueue("send_reminder", _defer_by=1, _defer_until=datetime.now(UTC))


async def test_settings_that_were_not_completed_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(WorkerSettings, "job_deserializer")
    with pytest.raises(RuntimeError, match=r"has to call `complete\(WorkerSettings\)`"):
        await enqueue("send_reminder", user_id=1)


def test_a_payload_that_is_not_json_is_not_loaded() -> None:
    with pytest.raises(ValueError, match=r"utf-8|Expecting"):
        payload.loads(pickle.dumps({"f": "send_reminder"}))
    with pytest.raises(ValueError, match="not the message of a job"):
        payload.loads(b"[]")


def test_the_error_of_a_job_becomes_type_and_text() -> None:
    raw = payload.dumps({"r": ValueError("too late"), "s": False})
    assert payload.error_of(payload.loads(raw)["r"]) == ("ValueError", "too late")
    assert payload.error_of("lost") == ("Error", "lost")


@pytest.mark.usefixtures("no_server")
async def test_without_redis_enqueue_fails_soon_and_says_why() -> None:
    started = time.monotonic()
    with pytest.raises(QueueUnavailable):
        await enqueue("send_reminder", user_id=1)
    assert time.monotonic() - started < 10
    assert QueueUnavailable.status == 503


async def test_a_job_whose_command_was_repeated_is_returned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids: list[str] = []

    async def exists(*_: object, _job_id: str, **__: object) -> None:
        ids.append(_job_id)

    monkeypatch.setattr(ArqRedis, "enqueue_job", exists)
    assert await enqueue("send_reminder", user_id=1) == get_job(ids[0])
    assert await enqueue("send_reminder", user_id=1, _job_id="taken") is None
    assert (len(ids[0]), ids[1]) == (32, "taken")
    await core.arq.close()


@pytest.mark.usefixtures("no_server")
async def test_a_call_that_gets_no_connection_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.arq, "CALL_TIMEOUT", 0.01)
    monkeypatch.setattr(core.arq, "MAX_CONNECTIONS", 0)
    with pytest.raises(QueueUnavailable):
        await enqueue("send_reminder", user_id=1)
    gc.collect()  # a coroutine that was never awaited warns, which is an error in tests


@pytest.mark.usefixtures("no_server")
async def test_without_redis_it_is_not_ready_and_the_application_starts(app: FastAPI) -> None:
    assert app.title
    with pytest.raises(QueueUnavailable):
        await core.arq.ready()


async def test_a_task_is_tried_again_later_and_later() -> None:
    @retry_on(OSError, first=1, longest=5)
    async def failing(ctx: Context) -> None:
        raise OSError(ctx["job_try"])

    delays = []
    for number in range(1, MAX_TRIES):
        with pytest.raises(Retry) as caught:
            await failing({"job_try": number})
        delays.append(caught.value.defer_score or 0)
    shortest = [500, 1000, 2000, 2500]
    assert all(low <= delay <= 2 * low for low, delay in zip(shortest, delays, strict=True))
    with pytest.raises(OSError, match=str(MAX_TRIES)):
        await failing({"job_try": MAX_TRIES})


async def test_other_errors_are_not_tried_again() -> None:
    @retry_on(OSError)
    async def failing(_: Context) -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        await failing({"job_try": 1})


def test_what_the_class_says_wins() -> None:
    class Own:
        functions = WorkerSettings.functions
        max_jobs = 3
        poll_delay = 1.0

    complete(Own)
    own = vars(Own)
    assert (own["max_jobs"], own["poll_delay"]) == (3, 1.0)
    assert own["job_timeout"] == settings.arq_job_timeout
    assert own["job_deserializer"] is payload.loads


class Queue:
    """A queue of its own with a worker that runs until it is empty."""

    def __init__(self) -> None:
        self.name = f"test-{uuid4()}"

    async def work(self, **options: Any) -> Worker:
        """Run everything that is due."""
        fixed = {"burst": True, "queue_name": self.name, "handle_signals": False}
        worker = create_worker(dict(vars(WorkerSettings)), **fixed, **options)
        await worker.async_run()
        await worker.close()
        return worker


@pytest.fixture
async def queue(require_server: Callable[[str], None]) -> AsyncIterator[Queue]:
    """Return a queue on the real Redis."""
    require_server(settings.arq_redis_url)
    yield Queue()
    await core.arq.close()


async def test_a_job_is_run_with_its_arguments(queue: Queue) -> None:
    job = await enqueue("send_welcome_email", user_id=123, _queue_name=queue.name)
    assert job is not None
    assert await job.status() == "queued"
    records: list[logging.LogRecord] = []

    def keep(record: logging.LogRecord) -> bool:
        records.append(record)
        return True

    logging.getLogger("core.tasks").addFilter(keep)
    await queue.work()
    logging.getLogger("core.tasks").removeFilter(keep)
    assert await job.status() == "complete"
    assert await job.result() is None
    [record] = [each for each in records if "user 123" in each.getMessage()]
    assert vars(record)["job_id"] == job.id


async def test_a_job_that_fails_tells_its_error(queue: Queue) -> None:
    job = await enqueue("send_reminder", nobody=1, _queue_name=queue.name)
    assert job is not None
    worker = await queue.work()
    assert worker.jobs_failed == 1
    with pytest.raises(JobFailed, match="unexpected keyword argument") as caught:
        await job.result()
    assert caught.value.kind == "TypeError"


async def test_a_job_is_deferred_by_a_duration(queue: Queue) -> None:
    day = timedelta(hours=24)
    job = await enqueue("send_reminder", user_id=1, _defer_by=day, _queue_name=queue.name)
    assert job is not None
    assert await job.status() == "deferred"


async def test_an_id_is_queued_once(queue: Queue) -> None:
    unique = str(uuid4())
    first, second = [
        await enqueue("send_reminder", user_id=1, _job_id=unique, _queue_name=queue.name)
        for _ in range(2)
    ]
    assert first is not None
    assert first.id == unique
    assert second is None


async def test_a_job_that_nobody_knows_has_no_result(queue: Queue) -> None:
    job = get_job("nobody", queue.name)
    assert await job.status() == "not_found"
    with pytest.raises(LookupError):
        await job.result()


async def test_waiting_for_a_result_has_an_end(queue: Queue) -> None:
    job = await enqueue("send_reminder", user_id=1, _queue_name=queue.name)
    assert job is not None
    with pytest.raises(TimeoutError):
        await job.result(timeout=0.1)


async def test_each_event_loop_has_a_client_of_its_own(
    require_server: Callable[[str], None],
) -> None:
    require_server(settings.arq_redis_url)

    async def once() -> None:
        await core.arq.ready()
        await core.arq.close()

    for _ in range(3):  # in a thread, where a loop of its own may run and be closed
        await asyncio.to_thread(asyncio.run, once())
