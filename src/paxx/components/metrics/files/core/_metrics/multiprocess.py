"""Metrics of several worker processes, added up through files in PROMETHEUS_MULTIPROC_DIR."""

import os
from pathlib import Path
from typing import IO

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead


def registry() -> CollectorRegistry:
    """Return what `/metrics` shows: this process, or all that share the directory."""
    if not DIRECTORY:
        return REGISTRY
    _forget_dead_workers(Path(DIRECTORY))
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return shared


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


DIRECTORY = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
# Before there is a metric, and with it a file.
_JOINED = join(Path(DIRECTORY)) if DIRECTORY else None
