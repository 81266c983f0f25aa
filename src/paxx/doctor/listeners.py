"""Who listens on a TCP port of this machine."""

import contextlib
import errno
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")

_LISTENING = "0A"


@dataclass(frozen=True, slots=True)
class Listener:
    """A process, as far as the system tells; `directory` is the one it works in."""

    pid: int | None = None
    name: str = "another process"
    directory: Path | None = None

    def __str__(self) -> str:
        return self.name if self.pid is None else f"`{self.name}` (process {self.pid})"


def is_taken(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether a service could not listen on the port because somebody else does.

    It would listen at `host`, which without one is the address for this machine alone.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as attempt:
            # A connection that ended lately is no obstacle; on Windows it means another thing.
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(os.name == "posix"))
            attempt.bind((host, port))
    except OSError as error:  # also where there is no such address
        return error.errno == errno.EADDRINUSE
    return False


def of(port: int) -> Listener:
    """Return who listens on the port.

    Where the system has no `/proc`, or the process is another user's, nothing is known of it.
    """
    wanted = {f"socket:[{inode}]" for inode in _inodes(port)}
    for process in sorted(PROC.glob("[0-9]*")) if wanted else ():
        try:
            if not wanted.isdisjoint(_files(process)):
                name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
                return Listener(int(process.name), name, (process / "cwd").readlink())
        except OSError:  # another user's, or gone meanwhile
            continue
    return Listener()


def _files(process: Path) -> Iterator[str]:
    for descriptor in (process / "fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            yield str(descriptor.readlink())


def _inodes(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        try:
            lines = (PROC / "net" / table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:  # not Linux, or no IPv6
            continue
        for line in lines:
            _, local, _, state, *rest = line.split()
            if state == _LISTENING and int(local.rpartition(":")[2], 16) == port:
                yield rest[5]
