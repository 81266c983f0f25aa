"""The engine, the session of a request, and the base class of models."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from sqlalchemy import Connection, DateTime, Dialect, MetaData, event, make_url, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction

from db.outages import DatabaseUnavailableError, ping, tell_outages
from settings import settings

logger = logging.getLogger(__name__)

CLOSE_TIMEOUT = 2.0  # seconds; a server that has gone silent does not hold up the end
CONNECT_TIMEOUT = 1.5  # seconds; below the patience of `/ready`
POOL_SIZE = 10  # connections of each process; the server has to allow those of all of them
POOL_TIMEOUT = 5.0  # seconds to wait for a free connection
STATEMENT_TIMEOUT = 30.0  # seconds; also frees a request from a server that has gone silent

ON_COMMIT = "on_commit"  # key of Session.info
Deferred = tuple[SessionTransaction | None, Callable[[], Awaitable[object]]]
"""The transaction or savepoint in which a call was deferred, and the call."""

# Returns options for Alembic's `configure`; there is no connection where SQL is only written.
MigrationOptions = Callable[[Connection | None], Mapping[str, Any]]


class Base(DeclarativeBase):
    """Base class of models. Constraints have names, so that a migration can drop them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UTCDateTime(sqlite.DATETIME):
    """A `DateTime` on SQLite, which has no time zones: with `timezone=True` it is kept in UTC."""

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Write a timestamp with time zone in UTC."""
        untyped: Any = super()  # in SQLAlchemy 2.0
        write = untyped.bind_processor(dialect)

        def process(value: datetime | None) -> Any:
            return write(value.astimezone(UTC) if value and value.tzinfo else value)

        return process if self.timezone else write

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Return a timestamp with its time zone, as PostgreSQL does."""
        untyped: Any = super()
        read = untyped.result_processor(dialect, coltype)

        def process(value: Any) -> datetime | None:
            return None if value is None else read(value).replace(tzinfo=UTC)

        return process if self.timezone else read


def make_engine(url: str, *, statement_timeout: float | None = None) -> AsyncEngine:
    """Return an engine; it connects when it is first used. Timeouts are in seconds."""
    parsed = make_url(url)
    if parsed.drivername in {"postgres", "postgresql"}:  # as hosting platforms write it
        parsed = parsed.set(drivername="postgresql+asyncpg")
    if parsed.get_backend_name() == "sqlite":
        unpooled = create_async_engine(parsed)
        unpooled.dialect.colspecs = {**unpooled.dialect.colspecs, DateTime: UTCDateTime}
        event.listen(unpooled.sync_engine, "connect", _enforce_foreign_keys)
        return unpooled
    is_asyncpg = parsed.get_driver_name() == "asyncpg"
    timeouts = {"timeout": CONNECT_TIMEOUT, "command_timeout": statement_timeout}
    pooled = create_async_engine(
        parsed,
        pool_pre_ping=not is_asyncpg,
        pool_size=POOL_SIZE,
        max_overflow=0,  # those would be opened and closed again and again: twice the work
        pool_timeout=POOL_TIMEOUT,
        connect_args=timeouts if is_asyncpg else {},
    )
    if is_asyncpg:
        event.listen(pooled.sync_engine, "checkout", ping)
    return pooled


def _enforce_foreign_keys(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


engine = make_engine(settings.database_url, statement_timeout=STATEMENT_TIMEOUT)
tell_outages(engine)  # not in make_engine: migrations are told what the driver says
session_factory = async_sessionmaker(engine, expire_on_commit=False)


@asynccontextmanager
async def transaction() -> AsyncIterator[AsyncSession]:
    """Yield a session that is committed at the end of the block, or rolled back by an exception."""
    deferred: list[Deferred] = []
    async with session_factory(info={ON_COMMIT: deferred}) as session:
        async with session.begin():
            yield session
        for _, call in deferred:
            try:
                await call()
            except Exception:
                logger.exception("a call after the commit failed")


def on_commit(session: AsyncSession, call: Callable[[], Awaitable[object]]) -> None:
    """Await `call()` after the transaction is committed; a rollback drops it.

    For what must not happen without the commit: a job, a message, the deletion of a file. Calls
    run in order, before the response is sent. One that fails is logged, because what is committed
    stays. Raises RuntimeError for a session that is not of `SessionDep` or `transaction`.
    """
    if ON_COMMIT not in session.info:
        raise RuntimeError("on_commit needs a session of SessionDep or transaction()")
    inner = session.sync_session
    owner = inner.get_nested_transaction() or inner.get_transaction()
    session.info[ON_COMMIT].append((owner, call))


@event.listens_for(Session, "after_soft_rollback")
def _drop_deferred(session: Session, rolled_back: SessionTransaction) -> None:
    def is_lost(transaction: SessionTransaction | None) -> bool:
        return transaction is not None and (
            transaction is rolled_back or is_lost(transaction.parent)
        )

    deferred: list[Deferred] = session.info.get(ON_COMMIT, [])
    deferred[:] = [each for each in deferred if not is_lost(each[0])]


async def get_session() -> AsyncIterator[AsyncSession]:
    """Yield the session of one request, committed when the route returns, else rolled back."""
    try:
        async with transaction() as session:
            yield session
    except PoolTimeoutError as error:
        raise DatabaseUnavailableError from error


# The scope makes the commit happen before the response is sent: if it fails, the client is
# told so instead of 200.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Close the connections when the application stops."""
    try:
        yield
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await engine.dispose()


async def ready() -> None:
    """Return when the database answers."""
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
