"""The development server: how it is started, and on which port."""

import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from paxx import edits, environment
from paxx.doctor import listeners, ports
from paxx.errors import PreconditionError, UsageError
from paxx.project import Project, reader_of

_EVERY_ADDRESS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - told, not bound
_NEXT = 100
"""How many ports above the one that is taken are looked at."""

_RELOAD_TIMEOUT = 2  # seconds that open streams and WebSockets hold up a reload
_STOP_TIMEOUT = 8  # seconds, as in the Dockerfile of a new project
_STUCK_TIMEOUT = 30.0  # seconds from a signal to the end of a server with the timeouts above
_TIMEOUT_VARIABLE = "UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN"
_TIMEOUT_OPTION = "--timeout-graceful-shutdown"
_METRICS = "PROMETHEUS_MULTIPROC_DIR"

Ask = Callable[[str, int], bool]
"""Whether to take another port; given who has the one that was wanted, and the other."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server to start; `reload` is None where the project decides, `options` are uvicorn's."""

    host: str
    port: int
    workers: int = 1
    reload: bool | None = None
    options: tuple[str, ...] = ()

    @property
    def address(self) -> tuple[str, int]:
        """Return where this machine reaches it."""
        return _EVERY_ADDRESS.get(self.host, self.host), self.port

    @property
    def url(self) -> str:
        """Return its address for a browser."""
        host, port = self.address
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def command(root: Path, server: Server) -> tuple[str, ...]:
    """Return the command line that starts it.

    It reloads when files change while the project is in development and has one worker, unless
    told otherwise. Raises UsageError for reloading with several workers, PreconditionError where
    the project has no environment.
    """
    if server.reload and server.workers > 1:
        raise UsageError(
            "`--reload` goes with one worker", hint="leave out `--reload` or `--workers`"
        )
    reload = server.reload
    if reload is None:
        reload = server.workers == 1 and _environment(root) == "development"
    where = ("main:app", "--host", server.host, "--port", str(server.port))
    how = ("--reload",) if reload else ("--workers", str(server.workers))
    if _TIMEOUT_VARIABLE not in os.environ:
        timeout = _RELOAD_TIMEOUT if reload else _STOP_TIMEOUT
        how = (*how, _TIMEOUT_OPTION, str(timeout))
    return environment.command(root, "uvicorn", *where, *how, *server.options)


def kill_after(server: Server) -> float | None:
    """Return how many seconds after a signal the server has to be killed; None for never.

    uvicorn's supervisor sets an event in its signal handler, and hangs for ever where the signal
    interrupts its own wait for that event. With timeouts of the user's own there is no limit.
    """
    is_users = _TIMEOUT_VARIABLE in os.environ or any(
        option.startswith(_TIMEOUT_OPTION) for option in server.options
    )
    return None if is_users else _STUCK_TIMEOUT


@contextmanager
def shared_metrics(server: Server, components: Collection[str]) -> Iterator[Mapping[str, str]]:
    """Yield the variable by which several workers report their metrics together, if it is not set.

    The directory that it names is removed at the end.
    """
    has_several = server.workers > 1 and "metrics" in components and os.name == "posix"
    if not has_several or os.environ.get(_METRICS):
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="metrics-", ignore_cleanup_errors=True) as directory:
        yield {_METRICS: directory}


def on_free_port(project: Project, server: Server, ask: Ask) -> Server:
    """Return the server on its port, or on the next free one if the port is taken and `ask` agrees.

    Raises PreconditionError, which tells who has the port, where it does not.
    """
    if not listeners.is_taken(server.port, server.host):
        return server
    holder = ports.holder(project, server.port)
    free = _next_free(server)
    if free is not None and ask(holder, free):
        return replace(server, port=free)
    raise PreconditionError(
        f"port {server.port} is taken by {holder}",
        hint=f"`--port {free}` is free" if free else "`--port N` takes another",
    )


def _next_free(server: Server) -> int | None:
    above = range(server.port + 1, min(server.port + 1 + _NEXT, 2**16))
    return next((port for port in above if not listeners.is_taken(port, server.host)), None)


def _environment(root: Path) -> str:
    # As the settings find it: variables, `.env`, and what the field of a new project says.
    read = reader_of(root)
    text = (read(".env") or b"").decode("utf-8-sig", "replace")
    written: Mapping[str, str] = edits.function("env.values")(text)
    for variables in (os.environ, written):
        for name, value in variables.items():
            if name.upper() == "ENVIRONMENT" and value:
                return value
    settings = (read("settings.py") or b"").decode("utf-8-sig", "replace")
    default = re.search(r'^\s+environment\s*:.*=\s*"(\w+)"\s*$', settings, re.MULTILINE)
    return default[1] if default else "development"
