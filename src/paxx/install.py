"""Run git and uv after the files are written, where they are there, and say what was not run."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from paxx.changes import CommandRun, Result
from paxx.options import Options
from paxx.project import is_in_repository

_GIT_INIT = ("git", "init", "--quiet", "--initial-branch=main")
_LOCK = ("uv", "lock", "--quiet")
_SYNC = ("uv", "sync", "--quiet")


def repository(root: Path, *, wanted: bool) -> Iterator[CommandRun]:
    """Make a git repository unless the project lies in one already; never commits."""
    if not wanted:
        yield CommandRun(_GIT_INIT, Result.SKIPPED, "--no-git")
    elif is_in_repository(root):
        yield CommandRun(_GIT_INIT, Result.SKIPPED, "already in a git repository")
    else:
        yield _run(_GIT_INIT, root)


def environment(root: Path, options: Options) -> Iterator[CommandRun]:
    """Bring the lock file and the environment in step with `pyproject.toml`.

    Without the option `sync` neither is touched.
    """
    if not options.sync:
        yield CommandRun(_LOCK, Result.SKIPPED, "--no-sync")
        yield CommandRun(_SYNC, Result.SKIPPED, "--no-sync")
        return
    with options.during("uv lock"):
        lock = _run(_LOCK, root)
    yield lock
    if lock.result is Result.DONE:
        with options.during("uv sync"):
            synced = _run(_SYNC, root)
        yield synced
    else:
        yield CommandRun(_SYNC, Result.SKIPPED, lock.reason)


def _run(command: tuple[str, ...], root: Path) -> CommandRun:
    program = shutil.which(command[0])
    if program is None:
        return CommandRun(command, Result.SKIPPED, f"`{command[0]}` is not on PATH")
    try:
        result = subprocess.run(  # noqa: S603 - a constant command, no shell
            [program, *command[1:]], cwd=root, capture_output=True, text=True, check=False
        )
    except KeyboardInterrupt:  # the files are written by now, and that has to be told
        return CommandRun(command, Result.FAILED, "interrupted")
    if result.returncode == 0:
        return CommandRun(command, Result.DONE)
    return CommandRun(command, Result.FAILED, result.stderr.strip() or result.stdout.strip())
