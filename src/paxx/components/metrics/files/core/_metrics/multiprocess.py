"""Metrics of several worker processes, added up through files in a directory that they share."""

import logging
import multiprocessing
import os
import sys
import tempfile
from pathlib import Path
from typing import IO

from prometheus_client import REGISTRY, CollectorRegistry, values
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

logger = logging.getLogger(__name__)

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def registry() -> CollectorRegistry:
    """Return what `/metrics` shows: this process, or all that share the directory."""
    if DIRECTORY is None:
        return REGISTRY
    _forget_dead_workers(DIRECTORY)
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return shared


def shared_directory() -> Path | None:
    """Return the directory of PROMETHEUS_MULTIPROC_DIR, or the one that uvicorn's workers share.

    The workers of uvicorn, Hypercorn and Granian are children of one process; those of gunicorn
    cannot be told from a server of its own.
    """
    if directory := os.environ.get(VARIABLE):
        return Path(directory)
    server = multiprocessing.parent_process()
    # A reloader has one worker at a time.
    if sys.platform != "win32" and server is not None and "--reload" not in sys.argv:
        own = Path(tempfile.gettempdir()) / f"metrics-{os.getuid()}-{server.pid}"
        own.mkdir(mode=0o700, exist_ok=True)
        if own.stat().st_uid != os.getuid():
            raise PermissionError(f"{own} belongs to another user")
        return own
    if "gunicorn" in os.environ.get("SERVER_SOFTWARE", ""):
        logger.warning("%s is empty: /metrics shows one worker of gunicorn at a time", VARIABLE)
    return None


def join(directory: Path) -> IO[str]:
    """Be one of the processes that share the directory, until the file returned is closed.

    The first one empties it: what it finds is of processes that no longer run.
    """
    import fcntl  # which Windows does not have

    directory.mkdir(parents=True, exist_ok=True)
    lock = (directory / "processes.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pass  # others run
    else:
        for file in directory.glob("*.db"):
            file.unlink()
    # The system gives it up when the process ends, however that happens.
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


def _forget_dead_workers(directory: Path) -> None:
    # A worker that was killed would stay in the gauges with what it had in progress.
    for file in directory.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid)  # type: ignore[no-untyped-call]
        except PermissionError:
            continue


DIRECTORY = shared_directory()
# Before there is a metric, and with it a file.
_JOINED = None if DIRECTORY is None else join(DIRECTORY)
if DIRECTORY is not None:
    os.environ[VARIABLE] = str(DIRECTORY)
    values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]
