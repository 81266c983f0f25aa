"""A real server as a child process: its port, its log, its life and its data directory."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, ClassVar, NoReturn, Self, TypeVar

from servers.ports import free_port

GUARD = Path(__file__).with_name("guard.py")
READY_TIMEOUT = 120.0  # seconds; a loaded machine needs many
LOG_TAIL = 20
ATTEMPTS = 5

ServerT = TypeVar("ServerT", bound="Server")


class ServerError(RuntimeError):
    """A server could not be installed or started; the message ends with its log."""


class Server(ABC):
    """A server on a port of its own whose data survives `stop` and `start_again`.

    Used as a context manager or ended by `close`. If its owner is killed, the server ends and its
    directory is deleted all the same.
    """

    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, port: int) -> None:
        self.port = port
        self.directory = Path(tempfile.mkdtemp(prefix=f"paxx-{type(self).__name__.lower()}-"))
        self.log = self.directory / "server.log"
        self.pid: int | None = None
        self.environment: Mapping[str, str] = {}
        self.working_directory = self.directory
        self._guard: subprocess.Popen[bytes] | None = None
        self._remove = weakref.finalize(self, _remove, self.directory, os.getpid())

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command line that serves `directory` on `port` in the foreground."""

    def prepare(self) -> None:  # noqa: B027  most servers need no preparation
        """Create the data before the first start; ServerError if that fails."""

    @abstractmethod
    def answers(self) -> bool:
        """Say if the server behind `port` is this one and takes work; an OSError means no."""

    def start_again(self) -> None:
        """Start on the same port with the data that was there at `stop`; ServerError if not."""
        if self._guard is None:
            with self.log.open("ab") as log:
                self._guard = _guarded(self, log)
            if not (printed := _pipes(self._guard)[0].readline()):
                self._fail("could not be started")
            self.pid = int(printed)
            self._wait_until_ready()

    def stop(self) -> None:
        """End the server and keep its data and port; without effect if it is not running."""
        guard, self._guard, self.pid = self._guard, None, None
        if guard is not None:
            _end(guard)

    def kill(self) -> None:
        """End the server as a crash does, by SIGKILL; ServerError if it is not running."""
        if self._guard is None or self.pid is None:
            message = f"{type(self).__name__} is not running"
            raise ServerError(message)
        os.kill(self.pid, signal.SIGKILL)
        self._guard.wait()
        self.stop()

    def pause(self) -> None:
        """Freeze the server: it accepts connections, being the kernel's, and answers nothing."""
        self._order(b"p")

    def resume(self) -> None:
        """Let a paused server go on."""
        self._order(b"r")

    def close(self) -> None:
        """Stop the server and delete its data."""
        self.stop()
        self._remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _order(self, order: bytes) -> None:
        if self._guard is None:
            message = f"{type(self).__name__} is not running"
            raise ServerError(message)
        incoming, outgoing = _pipes(self._guard)
        outgoing.write(order)
        outgoing.flush()
        incoming.readline()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_TIMEOUT
        while not self._ready():
            if self._guard is None or self._guard.poll() is not None:
                self._fail("ended while it was starting")
            if time.monotonic() > deadline:
                self._fail(f"was not ready within {READY_TIMEOUT:.0f} s")
            time.sleep(0.01)

    def _ready(self) -> bool:
        try:
            return self.answers()
        except OSError:
            return False

    def _fail(self, what: str) -> NoReturn:
        self.stop()
        kept = self.log.rename(self.directory.with_suffix(".log"))
        lines = kept.read_text(errors="replace").splitlines()[-LOG_TAIL:]
        message = f"{type(self).__name__} {what}; the end of its log {kept}:"
        raise ServerError("\n".join([message, *lines]))


def started(make: Callable[[int], ServerT], port: int | None) -> ServerT:
    """Start what `make` makes for a port; a free port that was taken meanwhile is replaced."""
    for left in reversed(range(ATTEMPTS)):
        server = make(port or free_port())
        try:
            server.prepare()
            server.start_again()
        except ServerError as error:
            server.close()
            if port or not left or "already in use" not in str(error):
                raise
        else:
            return server
    raise AssertionError


def _guarded(server: Server, log: BinaryIO) -> "subprocess.Popen[bytes]":
    words = [str(int(server.stop_signal)), str(server.directory), *server.command()]
    return subprocess.Popen(  # noqa: S603  a command of this package
        [sys.executable, "-I", "-S", str(GUARD), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        cwd=server.working_directory,
        env={**os.environ, **server.environment},
        start_new_session=True,  # Ctrl-C is for the owner, who then stops the server in order
    )


def _pipes(guard: "subprocess.Popen[bytes]") -> tuple[IO[bytes], IO[bytes]]:
    if guard.stdout is None or guard.stdin is None:
        raise AssertionError
    return guard.stdout, guard.stdin


def _end(guard: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(BrokenPipeError):
        guard.communicate(b"s")


def _remove(directory: Path, owner: int) -> None:
    if os.getpid() == owner:  # a forked child must not delete what its parent still uses
        shutil.rmtree(directory, ignore_errors=True)
