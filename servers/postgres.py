"""A real PostgreSQL server for tests, the demo and benchmarks."""

import contextlib
import os
import secrets
import signal
import sys
import time
from pathlib import Path
from typing import ClassVar, Self

from servers.binaries import WHEELS, postgres_bin, run
from servers.ports import HOST
from servers.postgis import postgis_bin
from servers.postgres_login import Login, execute
from servers.process import Server, started

UNPRIVILEGED = Path(__file__).with_name("unprivileged.py")
# The data is thrown away, so that losing it in a power cut costs nothing and speed is free. What
# is committed outlives a crash of the server all the same: the system has it.
SETTINGS = ("fsync=off", "full_page_writes=off")


class Postgres(Server):
    """A PostgreSQL server with user `app` and database `app`; made by `Postgres.start`."""

    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # the fast shutdown: waits for no client

    def __init__(self, port: int, password: str, programs: Path | None = None) -> None:
        super().__init__(port)
        self.password = password
        self.programs = programs or postgres_bin()
        self.data = self.directory / "data"

    @classmethod
    def start(
        cls, password: str | None = None, port: int | None = None, *, postgis: bool = False
    ) -> Self:
        """Create a cluster and return it running; with `postgis`, `app` has that extension."""
        secret = password or secrets.token_hex(8)
        programs = postgis_bin() if postgis else postgres_bin()
        server = started(lambda chosen: cls(chosen, secret, programs), port)
        server.create_database("app")
        if postgis:
            server.execute("CREATE EXTENSION postgis", "app")
        return server

    @property
    def url(self) -> str:
        """SQLAlchemy address of the database `app` for asyncpg, password included."""
        return self.url_of("app")

    def url_of(self, database: str) -> str:
        """SQLAlchemy address of any database of this server."""
        return f"postgresql+asyncpg://app:{self.password}@{HOST}:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Create an empty database and return its address."""
        self.execute(f'CREATE DATABASE "{name}"')
        return self.url_of(name)

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run one statement as the superuser; ConnectionError if the server refuses it."""
        execute(Login(HOST, self.port, "app", self.password, database), statement)

    def kill(self) -> None:
        """End the server as a crash of the machine does: all of its processes at once."""
        workers = _children(self.pid)
        super().kill()
        for worker in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        # A worker that still lives keeps the next server from starting.
        while any(_lives(worker) for worker in workers):
            time.sleep(0.01)

    def prepare(self) -> None:
        """Create the cluster in `data`."""
        password = self.directory / "password"
        password.write_text(self.password)
        words = ["-D", str(self.data), "-U", "app", "--pwfile", str(password)]
        words += ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"]
        run(self._program("initdb", *words))

    def command(self) -> list[str]:
        """Return the server's command line."""
        settings = (*SETTINGS, f"listen_addresses={HOST}", "unix_socket_directories=")
        words = [word for setting in settings for word in ("-c", setting)]
        return self._program("postgres", "-D", str(self.data), "-p", str(self.port), *words)

    def answers(self) -> bool:
        """Log in and run a statement; another server on this port does not know the password."""
        self.execute("SELECT 1")
        return True

    def _program(self, name: str, *words: str) -> list[str]:
        folder = self.programs
        command = [str(folder / name), *words]
        if os.geteuid() != 0:
            return command
        own = folder.is_relative_to(WHEELS)
        installation = WHEELS / folder.relative_to(WHEELS).parts[0] if own else folder.parent
        launcher = [sys.executable, "-I", "-S", str(UNPRIVILEGED)]
        return [*launcher, str(self.directory), str(installation), *command]


def _children(pid: int | None) -> list[int]:
    tasks = Path("/proc").glob("[0-9]*/status")
    return [int(task.parent.name) for task in tasks if f"\nPPid:\t{pid}\n" in _text(task)]


def _lives(pid: int) -> bool:
    status = _text(Path(f"/proc/{pid}/status"))
    return bool(status) and "\nState:\tZ" not in status


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # it ended meanwhile
