"""The table of the products, for each test anew."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from db.database import Base, engine
from features.example_products.models import ExampleProduct

TABLES = [Base.metadata.tables[ExampleProduct.__tablename__]]


@pytest.fixture(autouse=True)
async def _table(app: FastAPI) -> AsyncIterator[None]:
    del app  # its lifespan ends after the table is gone
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all, tables=TABLES)
    yield
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all, tables=TABLES)
