"""Background tasks: the project's tasks and schedules, `enqueue`, and a worker on a real Redis."""

import logging
import socket
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from arq import Retry
from arq.worker import Worker, create_worker
from fastapi import FastAPI

import core.arq
from core._arq import payload
from core._arq.worker import MAX_TRIES, Context, complete, retry_on
from core.arq import Job, JobFailed, QueueUnavailable, UnknownTask, enqueue
from core.tasks import WorkerSettings
from settings import settings

# arq closes its connections by a name that redis-py calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated close:DeprecationWarning")


@pytest.fixture
async def unreachable_redis(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Make Redis a port on which nothing listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"redis://127.0.0.1:{closed.getsockname()[1]}/0"
        monkeypatch.setattr(settings, "arq_redis_url", url)
        await core.arq.close()
        yield
        await core.arq.close()


async def test_worker_accepts_the_tasks_and_schedules_of_the_project() -> None:
    worker = create_worker(dict(vars(WorkerSettings)), handle_signals=False)
    for schedule in worker.cron_jobs:
        now = datetime.now(UTC)
        schedule.calculate_next(now)
        assert schedule.next_run is not None
        assert schedule.next_run > now
    tasks = set(worker.functions) - {each.name for each in worker.cron_jobs}
    assert tasks == vars(WorkerSettings)["task_names"]


def test_complete_keeps_the_settings_of_the_class() -> None:
    class Own:
        functions = WorkerSettings.functions
        max_jobs = 3
        poll_delay = 1.0

    complete(Own)
    own = vars(Own)
    assert (own["max_jobs"], own["poll_delay"]) == (3, 1.0)
    assert own["job_timeout"] == settings.arq_job_timeout
    assert own["job_deserializer"] is payload.loads


async def test_enqueue_refuses_an_unknown_task() -> None:
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
async def test_enqueue_names_an_argument_that_json_cannot_carry(value: Any, offender: str) -> None:
    with pytest.raises(TypeError, match=f"argument `extra` .* holds {offender}, which JSON"):
        await enqueue("send_reminder", user_id=1, extra=value)


@pytest.mark.usefixtures("unreachable_redis")
async def test_unreachable_redis_is_reported_and_the_application_starts(app: FastAPI) -> None:
    assert app.title
    with pytest.raises(QueueUnavailable) as caught:
        await enqueue("send_reminder", user_id=1)
    assert caught.value.status == 503
    with pytest.raises(QueueUnavailable):
        await core.arq.ready()


async def test_retry_on_doubles_the_delay_until_the_last_try() -> None:
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


async def test_retry_on_passes_other_errors() -> None:
    @retry_on(OSError)
    async def failing(_: Context) -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        await failing({"job_try": 1})


class Queue:
    """A queue of its own with a worker that runs until it is empty."""

    def __init__(self) -> None:
        self.name = f"test-{uuid4()}"

    async def add(self, task: str, **options: Any) -> Job | None:
        """Enqueue a task of the project."""
        return await enqueue(task, _queue_name=self.name, **options)

    async def work(self) -> Worker:
        """Run all jobs."""
        fixed = {"burst": True, "queue_name": self.name, "handle_signals": False}
        worker = create_worker(dict(vars(WorkerSettings)), **fixed)
        await worker.async_run()
        await worker.close()
        return worker


@pytest.fixture
async def queue(
    require_server: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Queue]:
    """Return a queue on the real Redis, and wait longer for it than a request does."""
    require_server(settings.arq_redis_url)
    monkeypatch.setattr(core.arq, "CONNECT_TIMEOUT", 30.0)
    monkeypatch.setattr(core.arq, "CALL_TIMEOUT", 30.0)
    yield Queue()
    await core.arq.close()


async def test_job_runs_with_its_arguments(queue: Queue) -> None:
    job = await queue.add("send_welcome_email", user_id=123)
    assert job is not None
    assert await job.status() == "queued"
    records: list[logging.LogRecord] = []

    def keep(record: logging.LogRecord) -> bool:
        records.append(record)
        return True

    logging.getLogger("core.tasks").addFilter(keep)
    await queue.work()
    logging.getLogger("core.tasks").removeFilter(keep)
    assert await job.result() is None
    [record] = [each for each in records if "user 123" in each.getMessage()]
    assert vars(record)["job_id"] == job.id


async def test_failed_job_raises_its_error(queue: Queue) -> None:
    job = await queue.add("send_reminder", nobody=1)
    assert job is not None
    worker = await queue.work()
    assert worker.jobs_failed == 1
    with pytest.raises(JobFailed, match="unexpected keyword argument") as caught:
        await job.result()
    assert caught.value.kind == "TypeError"


async def test_job_is_deferred_by_a_duration(queue: Queue) -> None:
    job = await queue.add("send_reminder", user_id=1, _defer_by=timedelta(hours=24))
    assert job is not None
    assert await job.status() == "deferred"


async def test_job_id_is_queued_once(queue: Queue) -> None:
    unique = str(uuid4())
    first = await queue.add("send_reminder", user_id=1, _job_id=unique)
    assert first is not None
    assert first.id == unique
    assert await queue.add("send_reminder", user_id=1, _job_id=unique) is None
