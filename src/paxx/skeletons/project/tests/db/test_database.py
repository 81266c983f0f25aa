"""The session of a request."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from functools import partial

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import DateTime, ForeignKey, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from db.database import (
    Base,
    SessionDep,
    engine,
    make_engine,
    on_commit,
    session_factory,
    transaction,
)


class Shelf(Base):
    """A table of this test alone."""

    __tablename__ = "test_shelves"
    id: Mapped[int] = mapped_column(primary_key=True)


class Book(Base):
    """A table whose foreign key is checked when the transaction ends."""

    __tablename__ = "test_books"
    id: Mapped[int] = mapped_column(primary_key=True)
    shelf_id: Mapped[int] = mapped_column(
        ForeignKey("test_shelves.id", deferrable=True, initially="DEFERRED")
    )


class Loan(Base):
    """A table with timestamps."""

    __tablename__ = "test_loans"
    id: Mapped[int] = mapped_column(primary_key=True)
    due: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    local: Mapped[datetime] = mapped_column(DateTime())


TABLES = [Base.metadata.tables[f"test_{name}"] for name in ("shelves", "books", "loans")]


@pytest.fixture
async def _tables(app: FastAPI) -> AsyncIterator[None]:
    @app.post("/shelves/{shelf_id}")
    async def create(shelf_id: int, session: SessionDep, fail: bool = False) -> dict[str, int]:
        session.add(Shelf(id=shelf_id))
        await session.flush()
        if fail:
            raise RuntimeError("after the insert")
        return {"id": shelf_id}

    @app.post("/books/{book_id}")
    async def misplace(book_id: int, session: SessionDep) -> dict[str, int]:
        session.add(Book(id=book_id, shelf_id=404))
        return {"id": book_id}

    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all, tables=TABLES)
    yield
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all, tables=TABLES)


async def shelves() -> list[int]:
    async with session_factory() as session:
        return list(await session.scalars(select(Shelf.id).order_by(Shelf.id)))


@pytest.mark.usefixtures("_tables")
async def test_a_request_commits_when_the_route_returns(client: AsyncClient) -> None:
    assert (await client.post("/shelves/1")).status_code == 200
    assert await shelves() == [1]


@pytest.mark.usefixtures("_tables")
async def test_a_request_that_fails_is_rolled_back(client: AsyncClient) -> None:
    assert (await client.post("/shelves/2", params={"fail": True})).status_code == 500
    assert await shelves() == []


@pytest.mark.usefixtures("_tables")
async def test_a_commit_that_fails_is_not_answered_with_success(client: AsyncClient) -> None:
    assert (await client.post("/books/1")).status_code == 500


@pytest.mark.usefixtures("_tables")
async def test_foreign_keys_are_enforced() -> None:
    async with session_factory() as session:
        session.add(Book(id=1, shelf_id=404))
        with pytest.raises(IntegrityError):
            await session.commit()


@pytest.mark.usefixtures("_tables")
async def test_a_timestamp_with_time_zone_is_returned_in_utc() -> None:
    local = datetime(2026, 1, 31, 1)  # noqa: DTZ001 - a column without time zone
    due = local.replace(tzinfo=timezone(timedelta(hours=2)))
    async with session_factory.begin() as session:
        session.add_all([Loan(id=1, due=due, local=local), Loan(id=2, local=local)])
    async with session_factory() as session:
        first, second = await session.scalars(select(Loan).order_by(Loan.id))
        assert (await session.scalar(select(Loan.id).where(Loan.due == due))) == 1
    assert (first.due, first.local, second.due) == (due, local, None)
    assert first.due is not None
    assert first.due.utcoffset() == timedelta(0)


@pytest.mark.usefixtures("_tables")
async def test_calls_after_the_commit_see_what_is_committed() -> None:
    seen: list[list[int]] = []

    async def look() -> None:
        seen.append(await shelves())

    async with transaction() as session:
        on_commit(session, look)
        session.add(Shelf(id=1))
    assert seen == [[1]]


@pytest.mark.usefixtures("_tables")
async def test_a_rollback_drops_the_calls_deferred_in_it() -> None:
    calls: list[str] = []

    async def call(name: str) -> None:
        calls.append(name)

    with suppress(LookupError):
        async with transaction() as session:
            on_commit(session, partial(call, "rolled back"))
            raise LookupError
    async with transaction() as session:
        on_commit(session, partial(call, "first"))
        with suppress(LookupError):
            async with session.begin_nested():
                on_commit(session, partial(call, "savepoint"))
                async with session.begin_nested():
                    on_commit(session, partial(call, "inner savepoint"))
                raise LookupError
        async with session.begin_nested():
            on_commit(session, partial(call, "second"))
    assert calls == ["first", "second"]


async def test_a_call_that_fails_is_logged_and_the_others_run(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail() -> None:
        raise ConnectionError("the queue is unreachable")

    async with transaction() as session:
        on_commit(session, fail)
        on_commit(session, fail)
    assert caplog.text.count("ConnectionError: the queue is unreachable") == 2


async def test_a_session_without_an_end_to_wait_for_is_refused() -> None:
    async with session_factory.begin() as session:
        with pytest.raises(RuntimeError, match="SessionDep"):
            on_commit(session, session.close)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_the_address_of_a_hosting_platform_means_asyncpg(scheme: str) -> None:
    assert make_engine(f"{scheme}://shop:secret@db/shop").dialect.driver == "asyncpg"


async def test_constraints_have_names() -> None:
    assert TABLES[0].primary_key.name == "pk_test_shelves"
    assert isinstance(session_factory(), AsyncSession)
