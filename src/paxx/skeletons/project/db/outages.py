"""A database that does not answer: told to clients as 503, and found out soon."""

import logging
from http import HTTPStatus
from typing import Any

from sqlalchemy import Dialect, ExceptionContext, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine

from core.errors import AppError

logger = logging.getLogger(__name__)

PING_TIMEOUT = 1.0  # seconds until a pooled connection that does not answer is replaced

# What PostgreSQL calls a server that starts, stops or has no connection left (its appendix A),
# besides the class 08 of connections.
AWAY = {"53300", "57P01", "57P02", "57P03"}


class DatabaseUnavailableError(AppError):
    """The database did not answer, or not in time; a change may have been made or not."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The database is unavailable"


def tell_outages(engine: AsyncEngine) -> None:
    """Let what the server or the network is to blame for raise DatabaseUnavailableError.

    This is done at the engine, where an OSError can be of the database alone. Errors of
    statements, of passwords and of names stay what they are.
    """

    def connect(dialect: Dialect, _: object, arguments: Any, options: Any) -> Any:
        try:
            return dialect.connect(*arguments, **options)
        except Exception as error:
            if is_outage(error):
                raise DatabaseUnavailableError from error
            raise

    def translate(context: ExceptionContext) -> Exception | None:
        error = context.original_exception
        # A failed ping has the connection replaced, and a request that is cancelled stays so.
        if context.is_pre_ping or not isinstance(error, Exception):
            return None
        is_away = context.is_disconnect or is_outage(error)
        return DatabaseUnavailableError() if is_away else None

    event.listen(engine.sync_engine, "do_connect", connect)
    event.listen(engine.sync_engine, "handle_error", translate, retval=True)


def is_outage(error: Exception) -> bool:
    """Tell whether an error of a driver means that the database is away or too busy."""
    if isinstance(error, OSError):  # asyncio's TimeoutError is one, too
        return True
    codes = (getattr(error, name, None) for name in ("sqlstate", "sqlite_errorname"))
    code = next((each for each in codes if each), "")
    return code in AWAY or code.startswith(("08", "SQLITE_BUSY"))


def ping(connection: Any, _record: object, _proxy: object) -> None:
    """Have the pool replace its connections where one of them is gone.

    A listener for `checkout` instead of `pool_pre_ping`, which waits for a server that has gone
    silent as long as for a statement, and takes three round trips where this takes one.
    """
    try:
        connection.run_async(lambda driver: driver.execute("SELECT 1", timeout=PING_TIMEOUT))
    except Exception as error:
        logger.info("a connection of the pool is replaced: %r", error)
        raise InvalidatePoolError from error
