"""The session of a request."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import ForeignKey, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from db.database import Base, SessionDep, engine, make_engine, session_factory


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


TABLES = [Base.metadata.tables["test_shelves"], Base.metadata.tables["test_books"]]


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


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_the_address_of_a_hosting_platform_means_asyncpg(scheme: str) -> None:
    assert make_engine(f"{scheme}://shop:secret@db/shop").dialect.driver == "asyncpg"


async def test_constraints_have_names() -> None:
    assert TABLES[0].primary_key.name == "pk_test_shelves"
    assert isinstance(session_factory(), AsyncSession)
