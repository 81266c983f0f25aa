"""Wait until no other process changes the database: one after the other, on PostgreSQL."""

import time
from typing import Any

from paxx.database.inside import channel
from paxx.database.inside.failures import FailureError

LOCK = 1_885_436_024
"""The one that `env.py` of a new project takes, too: on the same connection it gets it at once."""

PAUSE = 0.1  # seconds

_HOLDER = """
    SELECT activity.pid, coalesce(host(activity.client_addr), 'this machine')
    FROM pg_locks JOIN pg_stat_activity AS activity USING (pid)
    WHERE locktype = 'advisory' AND classid = 0 AND objid = :lock AND objsubid = 1 AND granted
      AND activity.datname = current_database()
"""


def take(connection: Any, wait: float) -> None:
    """Return when this connection may change the database; it may until it is closed.

    Waits that many seconds at most. Raises FailureError when they have passed.
    """
    if connection.dialect.name != "postgresql":
        return
    was_in_transaction = connection.in_transaction()
    deadline = time.monotonic() + wait
    told = False
    # Tried again and again: `CREATE INDEX CONCURRENTLY` waits for whoever waits for a lock.
    while not _try(connection):
        holder = _holder(connection)
        if not was_in_transaction:
            connection.rollback()
        if time.monotonic() >= deadline:
            raise FailureError("locked", holder=holder, seconds=wait)
        if not told:
            told = True
            channel.tell("waiting", {"holder": holder, "seconds": wait})
        time.sleep(PAUSE)
    if not was_in_transaction:
        connection.commit()


def _try(connection: Any) -> bool:
    from sqlalchemy import func, select

    return bool(connection.scalar(select(func.pg_try_advisory_lock(LOCK))))


def _holder(connection: Any) -> str:
    from sqlalchemy import text

    row = connection.execute(text(_HOLDER), {"lock": LOCK}).first()
    return f"process {row[0]} of {row[1]}" if row else ""
