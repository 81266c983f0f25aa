"""Notes over HTTP."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from db.database import Base, engine
from features.notes.models import Note

TABLES = [Base.metadata.tables[Note.__tablename__]]


@pytest.fixture(autouse=True)
async def _table(app: FastAPI) -> AsyncIterator[None]:
    del app  # its lifespan ends after the table is gone
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all, tables=TABLES)
    yield
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all, tables=TABLES)


async def test_a_note_is_written_and_read(client: AsyncClient) -> None:
    created = await client.post("/notes", json={"title": "Tea", "text": "Buy some"})
    assert created.status_code == 201
    read = await client.get(created.url.join(created.headers["location"]))
    assert read.json() == created.json()


async def test_the_time_of_a_note_has_a_zone(client: AsyncClient) -> None:
    created = await client.post("/notes", json={"title": "Tea", "text": "Buy some"})
    assert datetime.fromisoformat(created.json()["created_at"]).tzinfo is not None


async def test_a_title_is_taken_once(client: AsyncClient) -> None:
    note = {"title": "Tea", "text": "Buy some"}
    await client.post("/notes", json=note)
    again = await client.post("/notes", json=note)
    assert (again.status_code, again.json()["title"]) == (409, "Title taken")


async def test_a_note_that_is_not_there(client: AsyncClient) -> None:
    response = await client.get("/notes/404")
    assert (response.status_code, response.json()["note_id"]) == (404, 404)


async def test_pages_are_in_order(client: AsyncClient) -> None:
    for number in range(3):
        await client.post("/notes", json={"title": str(number), "text": ""})
    first = (await client.get("/notes", params={"limit": 2})).json()
    second = (await client.get("/notes", params={"limit": 2, "after": first[-1]["id"]})).json()
    assert [note["title"] for note in first + second] == ["0", "1", "2"]


@pytest.mark.parametrize(
    "note",
    [
        {},
        {"title": "", "text": ""},
        {"title": "x" * 201, "text": ""},
        {"title": "\0", "text": ""},
        {"title": "Tea", "text": "\0"},
    ],
)
async def test_a_note_that_does_not_do_is_refused(
    client: AsyncClient, note: dict[str, str]
) -> None:
    assert (await client.post("/notes", json=note)).status_code == 422


@pytest.mark.parametrize("path", ["/notes/2147483648", "/notes?after=2147483648", "/notes/0"])
async def test_an_id_that_no_note_can_have_is_refused(client: AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 422
