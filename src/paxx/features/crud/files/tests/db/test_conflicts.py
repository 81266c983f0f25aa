"""Conflicts in the database, told alike whichever it is."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from core.etags import PreconditionFailedError, etag
from db.conflicts import ConflictError, flush
from db.database import Base, engine, session_factory
from db.resource import Resource


class PortRow(Resource, Base):
    """A table of this test alone."""

    __tablename__ = "test_ports"
    __table_args__ = (
        UniqueConstraint("name", "country"),
        Index("ix_test_ports_code", "code", unique=True),
        CheckConstraint("berths > 0", name="berths"),
    )
    name: Mapped[str]
    country: Mapped[str]
    code: Mapped[str | None]
    berths: Mapped[int] = mapped_column(default=1)
    # The name of its constraint is longer than PostgreSQL has room for.
    number_in_the_register_of_the_ministry_of_transport: Mapped[int | None] = mapped_column(
        unique=True
    )


class ShipRow(Resource, Base):
    """A table that refers to the other one."""

    __tablename__ = "test_ships"
    port_id: Mapped[int] = mapped_column(ForeignKey(PortRow.id, ondelete="RESTRICT"))


@pytest.fixture(autouse=True)
async def _tables(app: FastAPI) -> AsyncIterator[None]:
    del app  # its lifespan ends after the tables are gone
    tables = [Base.metadata.tables[name] for name in ("test_ports", "test_ships")]
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all, tables=tables)
    yield
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all, tables=tables)


async def written(row: Resource) -> int:
    async with session_factory.begin() as session:
        session.add(row)
        await flush(session)
        return row.id


async def test_all_fields_of_a_constraint_are_named() -> None:
    await written(PortRow(name="Kiel", country="DE"))
    with pytest.raises(ConflictError, match="name and country already exists") as caught:
        await written(PortRow(name="Kiel", country="DE"))
    assert caught.value.members == {"fields": ["name", "country"]}
    await written(PortRow(name="Kiel", country="US"))


async def test_the_field_of_a_constraint_with_a_long_name_is_named() -> None:
    number = "number_in_the_register_of_the_ministry_of_transport"
    await written(PortRow(name="Kiel", country="DE", **{number: 1}))
    with pytest.raises(ConflictError) as caught:
        await written(PortRow(name="Oslo", country="NO", **{number: 1}))
    assert caught.value.members == {"fields": [number]}


async def test_an_index_and_a_key_are_told_alike() -> None:
    first = await written(PortRow(name="Kiel", country="DE", code="KEL"))
    for row, field in (
        (PortRow(name="Kiel", country="US", code="KEL"), "code"),
        (PortRow(id=first, name="Oslo", country="NO"), "id"),
    ):
        with pytest.raises(ConflictError) as caught:
            await written(row)
        assert caught.value.members == {"fields": [field]}


async def test_a_reference_to_nothing_is_a_conflict() -> None:
    with pytest.raises(ConflictError, match="refers to a missing row"):
        await written(ShipRow(port_id=404))


async def test_a_row_that_is_referred_to_stays() -> None:
    key = await written(PortRow(name="Kiel", country="DE"))
    await written(ShipRow(port_id=key))
    async with session_factory() as session:
        await session.delete(await session.get_one(PortRow, key))
        with pytest.raises(ConflictError, match="others refer to it"):
            await flush(session)


async def test_the_second_of_two_changes_at_a_time_is_a_conflict() -> None:
    key = await written(PortRow(name="Kiel", country="DE"))
    async with session_factory() as mine, session_factory() as theirs:
        port, same = await mine.get_one(PortRow, key), await theirs.get_one(PortRow, key)
        port.berths, same.berths = 2, 3
        await flush(theirs)
        await theirs.commit()
        with pytest.raises(ConflictError, match="changed meanwhile"):
            await flush(mine)
    async with session_factory() as session:
        port = await session.get_one(PortRow, key)
        assert (port.berths, port.version) == (3, 2)


async def test_a_version_that_is_changed_between_its_check_and_the_write_fails_it() -> None:
    key = await written(PortRow(name="Kiel", country="DE"))
    async with session_factory() as mine, session_factory() as theirs:
        port, same = await mine.get_one(PortRow, key), await theirs.get_one(PortRow, key)
        port.berths, same.berths = 2, 3
        await flush(theirs, etag(1))
        await theirs.commit()
        with pytest.raises(PreconditionFailedError):
            await flush(mine, etag(1))


async def test_a_row_that_was_deleted_meanwhile_is_a_conflict() -> None:
    key = await written(PortRow(name="Kiel", country="DE"))
    async with session_factory() as mine, session_factory() as theirs:
        port = await mine.get_one(PortRow, key)
        await theirs.delete(await theirs.get_one(PortRow, key))
        await theirs.commit()
        port.berths = 2
        with pytest.raises(ConflictError, match="changed meanwhile"):
            await flush(mine)


async def test_a_mistake_of_the_application_is_no_conflict() -> None:
    with pytest.raises(IntegrityError):
        await written(PortRow(name="Kiel", country="DE", berths=0))
