"""Pages in the database: every row once, in order, whatever a page is sorted by."""

import datetime as dt
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import DateTime, Numeric, delete
from sqlalchemy.orm import Mapped, mapped_column

from core.pages import InvalidCursorError, page_of
from db.database import Base, engine, session_factory
from db.resource import Resource, choice


class Size(StrEnum):
    """Sizes, in the order of their letters."""

    LARGE = "large"
    SMALL = "small"


class SampleRow(Resource, Base):
    """A table of this test alone."""

    __tablename__ = "test_samples"
    number: Mapped[int]
    ratio: Mapped[float]
    price: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    word: Mapped[str]
    is_new: Mapped[bool]
    day: Mapped[dt.date]
    moment: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    code: Mapped[UUID]
    size: Mapped[Size] = mapped_column(choice(Size, "size"))


class OtherRow(Base):
    """Another table of this test alone."""

    __tablename__ = "test_others"
    id: Mapped[int] = mapped_column(primary_key=True)


def sample(number: int) -> SampleRow:
    return SampleRow(
        number=number,
        ratio=number / 3,
        price=Decimal(number) / 4,
        word="é" * (number + 1),
        is_new=number > 1,
        day=dt.date(2026, 1, number + 1),
        moment=dt.datetime(2026, 1, number + 1, microsecond=number, tzinfo=dt.UTC),
        code=UUID(int=number),
        size=Size.SMALL if number > 1 else Size.LARGE,
    )


@pytest.fixture(autouse=True)
async def _rows(app: FastAPI) -> AsyncIterator[None]:
    """Write six rows, each value of them at least twice."""
    del app  # its lifespan ends after the tables are gone
    tables = [Base.metadata.tables[name] for name in ("test_samples", "test_others")]
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all, tables=tables)
    async with session_factory.begin() as session:
        session.add_all(sample(number) for number in (2, 0, 1, 2, 0, 1))
        session.add_all([OtherRow(), OtherRow()])
    yield
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all, tables=tables)


async def page(sort: str, cursor: str | None = None) -> tuple[Sequence[SampleRow], str | None]:
    async with session_factory() as session:
        return await page_of(session, SampleRow, sort=sort, cursor=cursor, limit=2)


COLUMNS = ["id", "number", "ratio", "price", "word", "is_new", "day", "moment", "code", "size"]


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("direction", ["", "-"])
async def test_every_row_is_on_one_page(name: str, direction: str) -> None:
    rows, cursor = await page(direction + name)
    while cursor is not None:
        more, cursor = await page(direction + name, cursor)
        rows = [*rows, *more]
    expected = sorted(rows, key=lambda row: (getattr(row, name), row.id), reverse=bool(direction))
    assert len({row.id for row in rows}) == 6
    assert [row.id for row in rows] == [row.id for row in expected]


async def test_rows_that_come_and_go_move_nothing() -> None:
    first, cursor = await page("number")
    async with session_factory.begin() as session:
        await session.execute(delete(SampleRow).where(SampleRow.id == first[-1].id))
        session.add(sample(0))
    second, _ = await page("number", cursor)
    assert [row.number for row in second] == [0, 1]


async def test_a_cursor_that_was_changed_is_refused() -> None:
    _, cursor = await page("number")
    assert cursor is not None
    raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(InvalidCursorError):
            await page("number", urlsafe_b64encode(changed).decode())


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "é", "A" * 1000])
async def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursorError):
        await page("number", cursor)


async def test_a_cursor_of_another_list_or_order_is_refused() -> None:
    async with session_factory() as session:
        _, other = await page_of(session, OtherRow, limit=1)
    with pytest.raises(InvalidCursorError):
        await page("id", other)
    _, cursor = await page("number")
    with pytest.raises(InvalidCursorError):
        await page("-number", cursor)
