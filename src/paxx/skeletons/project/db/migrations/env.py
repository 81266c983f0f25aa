"""Alembic's entry point: migrations over the application's own engine settings."""

import asyncio
import logging
import pkgutil
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from alembic import context
from sqlalchemy import Connection

import features
from db.database import Base, make_engine
from settings import settings
from wiring import MIGRATIONS


def import_models() -> None:
    """Import the models of every feature, so that their tables are known."""
    for package in pkgutil.iter_modules(features.__path__, "features."):
        if package.ispkg and find_spec(f"{package.name}.models"):
            import_module(f"{package.name}.models")


def options(connection: Connection | None) -> dict[str, Any]:
    """Return what components add to the configuration; a later one wins."""
    return {key: value for each in MIGRATIONS for key, value in each(connection).items()}


def run_offline() -> None:
    """Write the SQL instead of running it."""
    own: dict[str, Any] = {
        "dialect_name": make_engine(settings.database_url).dialect.name,
        "target_metadata": Base.metadata,
        "literal_binds": True,
        "dialect_opts": {"paramstyle": "named"},
    }
    context.configure(**own | options(None))
    with context.begin_transaction():
        context.run_migrations()


def run_on(connection: Connection) -> None:
    """Run the migrations on a connection."""
    if connection.dialect.name == "sqlite":
        # A table is altered by copying and dropping it, which must not delete what refers to it.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.commit()
    own: dict[str, Any] = {
        "connection": connection,
        "target_metadata": Base.metadata,
        "compare_server_default": True,
        # SQLite cannot alter most of a table in place.
        "render_as_batch": connection.dialect.name == "sqlite",
    }
    context.configure(**own | options(connection))
    with context.begin_transaction():
        context.run_migrations()


async def run_online() -> None:
    """Connect and run the migrations."""
    engine = make_engine(settings.database_url)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(run_on)
    finally:
        await engine.dispose()


logging.basicConfig(level=logging.INFO, format="%(message)s")
import_models()
if context.is_offline_mode():
    run_offline()
else:
    asyncio.run(run_online())
