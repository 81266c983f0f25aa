"""Jobs deferred to the commit: none for a row that is rolled back, none before its row is there."""

import asyncio
import random
from collections.abc import AsyncIterator
from functools import partial

import pytest
from arq.worker import create_worker
from sqlalchemy.orm import Mapped, mapped_column

import core.arq
import servers
from core._arq.worker import Context, RedisSettings, complete
from core.arq import enqueue
from db.database import Base, engine, on_commit, session_factory, transaction
from settings import settings

QUEUE = "on-commit"
AT_ONCE = 10  # requests; the pool has as many connections


class Order(Base):
    """A table of this check alone."""

    __tablename__ = "check_orders"
    id: Mapped[int] = mapped_column(primary_key=True)


started: dict[int, bool] = {}
"""Whether the row of a job was there, by the number of the order."""


async def ship(_: Context, order_id: int) -> None:
    """Look for the order."""
    async with session_factory() as session:
        started[order_id] = await session.get(Order, order_id) is not None


@pytest.fixture
async def _worker(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    table = Base.metadata.tables["check_orders"]
    with servers.Redis.start() as redis:
        monkeypatch.setattr(settings, "arq_redis_url", redis.url)
        async with engine.begin() as connection:
            await connection.run_sync(table.create)

        class WorkerSettings:
            functions = (ship,)
            queue_name = QUEUE
            redis_settings = RedisSettings.from_dsn(redis.url)

        complete(WorkerSettings)
        worker = create_worker(WorkerSettings, handle_signals=False, poll_delay=0.01)
        running = asyncio.create_task(worker.async_run())
        await core.arq.close()
        yield
        running.cancel()
        await asyncio.wait([running])
        await worker.pool.aclose()
        await core.arq.close()
    async with engine.begin() as connection:
        await connection.run_sync(table.drop)


@pytest.mark.usefixtures("_worker")
@pytest.mark.parametrize("orders", [300, pytest.param(10_000, marks=pytest.mark.nightly)])
async def test_a_job_starts_only_for_a_row_that_is_committed(orders: int) -> None:
    chance = random.Random(7)
    committed: set[int] = set()
    slots = asyncio.Semaphore(AT_ONCE)

    async def request(number: int, *, fails: bool) -> None:
        async with slots, transaction() as session:
            on_commit(session, partial(enqueue, "ship", order_id=number, _queue_name=QUEUE))
            session.add(Order(id=number))
            await session.flush()
            if fails:
                raise LookupError(number)
        committed.add(number)

    started.clear()
    fate = [chance.random() < 0.5 for _ in range(orders)]
    requests = (request(number, fails=fails) for number, fails in enumerate(fate))
    outcomes = await asyncio.gather(*requests, return_exceptions=True)
    assert {type(each) for each in outcomes if each is not None} == {LookupError}
    async with asyncio.timeout(300):
        while started.keys() < committed:
            await asyncio.sleep(0.05)
    assert started == dict.fromkeys(committed, True)
