"""Alembic's entry point: migrations over the application's own engine settings."""

import asyncio
import logging
import pkgutil
import time
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from alembic import context
from sqlalchemy import Connection, Engine, event, func, select

import features
from db.database import Base, make_engine
from settings import settings
from wiring import MIGRATIONS

LOCK = 1_885_436_024  # any number, the same for every instance
PATIENCE = 300.0  # seconds to wait for another instance that migrates


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


def changes_database() -> bool:
    """Tell whether this is more than a look at the database: an upgrade or a downgrade."""
    try:
        context.get_revision_argument()
    except KeyError:
        return False
    return True


def wait_for_others(connection: Connection) -> None:
    """Return when no other instance migrates; PostgreSQL drops the lock of one that ends."""
    deadline = time.monotonic() + PATIENCE
    # Tried again and again: `CREATE INDEX CONCURRENTLY` waits for whoever waits for a lock.
    while not connection.scalar(select(func.pg_try_advisory_lock(LOCK))):
        connection.rollback()
        if time.monotonic() > deadline:
            raise TimeoutError("another instance migrates the database, and does not end")
        time.sleep(0.2)
    connection.commit()


def make_sqlite_roll_back(engine: Engine) -> None:
    """Let a migration that fails leave nothing behind: the driver begins no transaction for it."""
    begin = "BEGIN IMMEDIATE" if changes_database() else "BEGIN"

    def take_over(connection: Any, _: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        # A table is altered by copying and dropping it, which must not delete what refers to it.
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.close()

    event.listen(engine, "connect", take_over)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))


def run_on(connection: Connection) -> None:
    """Run the migrations on a connection."""
    dialect = connection.dialect.name
    own: dict[str, Any] = {
        "connection": connection,
        "target_metadata": Base.metadata,
        "compare_server_default": True,
        # SQLite cannot alter most of a table in place.
        "render_as_batch": dialect == "sqlite",
        "transactional_ddl": dialect in {"postgresql", "sqlite"},
    }
    context.configure(**own | options(connection))
    if changes_database() and dialect == "postgresql":
        wait_for_others(connection)
    with context.begin_transaction():
        context.run_migrations()


async def run_online() -> None:
    """Connect and run the migrations."""
    engine = make_engine(settings.database_url)
    if engine.dialect.name == "sqlite":
        make_sqlite_roll_back(engine.sync_engine)
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
