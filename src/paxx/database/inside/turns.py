"""Take turns with other processes and sessions: one migration at a time, no long lock queue."""

import asyncio
import contextlib
import re
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from paxx.database.inside import channel, failures, watch
from paxx.database.inside.failures import FailureError
from paxx.doctor.probe import secrecy

LOCK = 1_885_436_024
"""The one that `env.py` of a new project takes, too: on the same connection it gets it at once."""

PAUSE = 0.1  # seconds
LOCK_TIMEOUT = 2.0  # seconds; every query on the table waits behind a statement that waits
FIRST_RETRY_PAUSE, LONGEST_RETRY_PAUSE = 0.5, 8.0  # seconds, in which those queries run
BLOCKER_INTERVAL = 0.5  # seconds
SHOWN_QUERY = 80  # characters
SHOWN_SESSIONS = 3

_HOLDER = """
    SELECT activity.pid, coalesce(host(activity.client_addr), 'this machine')
    FROM pg_locks JOIN pg_stat_activity AS activity USING (pid)
    WHERE locktype = 'advisory' AND classid = 0 AND objid = :lock AND objsubid = 1 AND granted
      AND activity.datname = current_database()
"""
_BLOCKERS = """
    SELECT pid, usename, application_name, state,
           extract(epoch FROM clock_timestamp() - state_change)::int, left(query, 1000)
    FROM pg_stat_activity WHERE pid = ANY(pg_blocking_pids({pid})) ORDER BY pid
"""

T = TypeVar("T")


def take(connection: Any, wait: float) -> None:
    """Return when this connection may change the database; it may until it is closed.

    Waits that many seconds at most. Raises FailureError when they have passed. From then on a
    statement that waits for a lock gives up after LOCK_TIMEOUT, unless the user has set another.
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
    _limit_locks(connection)
    if not was_in_transaction:
        connection.commit()


def _try(connection: Any) -> bool:
    from sqlalchemy import func, select

    return bool(connection.scalar(select(func.pg_try_advisory_lock(LOCK))))


def _holder(connection: Any) -> str:
    from sqlalchemy import text

    row = connection.execute(text(_HOLDER), {"lock": LOCK}).first()
    return f"process {row[0]} of {row[1]}" if row else ""


def _limit_locks(connection: Any) -> None:
    from sqlalchemy import text

    watch.now.backend = connection.scalar(text("SELECT pg_backend_pid()"))
    if connection.scalar(text("SELECT current_setting('lock_timeout')")) == "0":
        watch.now.lock_timeout = round(LOCK_TIMEOUT * 1000)
        connection.execute(text(f"SET lock_timeout = {watch.now.lock_timeout}"))


def retry(attempt: Callable[[float], T], wait: float) -> T:
    """Return what `attempt` returns; it is given the seconds that are left to wait for others.

    It is repeated where another session keeps it from a lock and nothing of it is in the database.
    Raises FailureError with those sessions once `wait` seconds have passed.
    """
    watch.now.blockers = []
    deadline = time.monotonic() + wait
    remaining, pause = wait, FIRST_RETRY_PAUSE
    while True:
        with _Lookout(wait):
            try:
                return attempt(remaining)
            except Exception as error:
                blocked = _blocked(error)
                if blocked is None:
                    raise
                remaining = round(deadline - time.monotonic() - pause, 1)
                if remaining < 0:
                    blocked.facts["seconds"] = wait
                    raise blocked from error
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_RETRY_PAUSE)


def _blocked(error: Exception) -> FailureError | None:
    if isinstance(error, FailureError):
        return error if error.facts["kind"] == "blocked" else None
    if not failures.is_about_locks(error):
        return None
    facts = {"sessions": watch.now.blockers, "database": watch.now.database}
    return FailureError("blocked", failures.told(error), **facts)


class _Lookout:
    """Find out, over a connection of its own, which sessions a statement waits for."""

    def __init__(self, wait: float) -> None:
        self._wait = wait
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        watch.now.backend, watch.now.lock_timeout = None, None
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(BLOCKER_INTERVAL):
            begun = watch.now.statement_begun
            if watch.now.backend and begun and time.monotonic() - begun > BLOCKER_INTERVAL:
                break
        else:
            return
        from sqlalchemy.util import greenlet_spawn

        with contextlib.suppress(Exception):  # without it the sessions have no names
            if watch.now.login[0].is_async:
                asyncio.run(greenlet_spawn(self._look))
            else:
                self._look()

    def _look(self) -> None:
        dialect, arguments, options = watch.now.login
        connection = dialect.connect(*arguments, **options)
        try:
            connection.autocommit = True
            cursor = connection.cursor()
            is_told = False
            while True:
                cursor.execute(_BLOCKERS.format(pid=watch.now.backend))
                found = [_session(*row) for row in cursor.fetchall()][:SHOWN_SESSIONS]
                watch.now.blockers = found or watch.now.blockers
                if found and not is_told:
                    is_told = True
                    channel.tell("blocked", {"sessions": found, "seconds": self._wait})
                if self._ended.wait(BLOCKER_INTERVAL):
                    return
        finally:
            connection.close()


def _session(*row: Any) -> dict[str, Any]:
    pid, user, application, state, seconds, query = row
    if state is None:  # of another user, whose queries are not shown
        query = ""
    # A long query is cut off, perhaps in a text.
    shown = re.sub(r"'(?:[^']|'')*(?:'|$)", "'***'", secrecy.redacted(" ".join(query.split())))
    if len(shown) > SHOWN_QUERY:
        shown = f"{shown[:SHOWN_QUERY]}…"
    return {
        "pid": pid,
        "user": user or "",
        "application": application or "",
        "state": state or "",
        "seconds": seconds or 0,
        "query": shown,
    }
