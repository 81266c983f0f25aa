"""Watch what SQLAlchemy does, which tells an unreachable database from a migration that fails."""

import re
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from paxx.database.inside.places import relative
from paxx.doctor.probe import secrecy, writes

_READING = ("SELECT", "SHOW", "PRAGMA", "BEGIN")
_CONCURRENTLY = re.compile(r"(?is)\b(?:INDEX|REINDEX|PARTITION)\b.*\bCONCURRENTLY\b")


class Dropped(str):
    """An object that a reset drops: among the statements, but of no revision."""

    __slots__ = ()


@dataclass
class Watch:
    """What is going on: where a connection leads, what of a revision is committed already.

    `wait` is how many seconds to wait for others, None where the database is only looked at.
    `pending` are the statements since the last commit, `committing` those that a commit is about
    to end; they and those in `committed` belong to the revision `step`, None between revisions.
    `login` is how a connection is made, `backend` the process of PostgreSQL that changes the
    database, `blockers` the sessions that it has last waited for; `lock_timeout`, milliseconds, is
    None where it is not ours.
    """

    database: str = ""
    file: Path | None = None
    connecting: bool = False
    wait: float | None = None
    commits: int = 0
    step: dict[str, Any] | None = None
    committed: list[str] = field(default_factory=list)
    committing: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    login: tuple[Any, list[Any], dict[str, Any]] = (None, [], {})
    backend: int | None = None
    blockers: list[dict[str, Any]] = field(default_factory=list)
    lock_timeout: int | None = None
    statement_begun: float | None = None

    def enter(self, step: dict[str, Any]) -> None:
        """Note that the statements that follow are those of a revision."""
        self.step = step
        for each in (self.committed, self.committing, self.pending):
            each[:] = [text for text in each if isinstance(text, Dropped)]

    def leave(self) -> None:
        """Note that the revision has ended well."""
        self.step = None


now = Watch()


def start() -> None:
    """Listen to every connection that is made from now on."""
    from sqlalchemy import Engine, Pool, event

    event.listen(Engine, "do_connect", _connecting)
    event.listen(Pool, "connect", _connected)
    event.listen(Engine, "before_cursor_execute", _executing)
    event.listen(Engine, "after_cursor_execute", _executed)
    event.listen(Engine, "handle_error", _failed)
    event.listen(Engine, "commit", _committing)
    event.listen(Engine, "begin", _went_on)


def _connecting(dialect: Any, _: Any, arguments: list[Any], options: dict[str, Any]) -> None:
    now.connecting = True
    _learn(options)
    now.login = (dialect, arguments, options)
    if dialect.name != "sqlite":
        now.database = _address(options)
        return
    now.file = writes.file_of(arguments[0]) if arguments else None
    now.database = relative(now.file) if now.file else ":memory:"
    if now.wait is not None:
        options["timeout"] = now.wait
    elif now.file is not None and not now.file.exists():
        arguments[0] = ":memory:"  # a look at a database does not make it


def _learn(options: dict[str, Any]) -> None:
    # As an address: a password that is the name of the user beside it is no secret.
    password = quote(str(options.get("password") or options.get("passwd") or ""), safe="")
    name = options.get("database") or options.get("dbname") or ""
    secrecy.learn("address", "str", f"any://{options.get('user')}:{password}@host/{name}")


def _address(options: dict[str, Any]) -> str:
    name = options.get("database") or options.get("dbname") or ""
    user = f"{options['user']}@" if options.get("user") else ""
    port = f":{options['port']}" if options.get("port") else ""
    return f"{user}{options.get('host') or 'localhost'}{port}/{name}"


def _connected(*_: Any) -> None:
    now.connecting = False


def _executing(_: Any, cursor: Any, statement: str, *__: Any) -> None:
    if now.lock_timeout is not None and _CONCURRENTLY.search(statement):
        # It waits for transactions of others, but nobody waits for it.
        cursor.execute("SET lock_timeout = 0")
    now.statement_begun = time.monotonic()


def _executed(connection: Any, _: Any, statement: str, *__: Any) -> None:
    now.statement_begun = None
    if now.lock_timeout is not None and _CONCURRENTLY.search(statement):
        connection.exec_driver_sql(f"SET lock_timeout = {now.lock_timeout}")
    _went_on(connection)
    if now.step is None or statement.lstrip().upper().startswith(_READING):
        return
    text = " ".join(statement.split())
    level = connection.get_execution_options().get("isolation_level")
    (now.committed if level == "AUTOCOMMIT" else now.pending).append(text)


def _failed(_: Any) -> None:
    now.statement_begun = None


def _committing(_: Any) -> None:
    now.commits += 1
    now.committing, now.pending = now.pending, []


def _went_on(_: Any) -> None:
    # The commit did not fail, or nothing would come after it.
    now.committed += now.committing
    now.committing = []


def schema_of_file() -> dict[str, str]:
    """Return what an SQLite file holds at this moment, without what is not committed."""
    if now.file is None or not now.file.is_file():
        return {}
    location = f"{now.file.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(location, uri=True)) as connection:
        rows = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master")
        return {f"{kind} `{name}`": sql for kind, name, sql in rows if not _is_own(name)}


def _is_own(name: str) -> bool:
    return name.startswith(("sqlite_", "alembic_"))
