"""Run git and uv after the files are written, where they are there, and say what was not run."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from paxx import git, signals, uv
from paxx.changes import CommandRun, Result
from paxx.options import Options

_GIT_INIT = ("git", "init", "--quiet", "--initial-branch=main")
_LOCK = ("uv", "lock", "--quiet")
_CHECK = (*_LOCK, "--check")
_SYNC = ("uv", "sync", "--quiet")


def repository(root: Path, *, wanted: bool) -> Iterator[CommandRun]:
    """Make a git repository unless the project lies in one already; never commits."""
    if not wanted:
        yield CommandRun(_GIT_INIT, Result.SKIPPED, "--no-git")
    elif git.top_of(root) is not None:
        yield CommandRun(_GIT_INIT, Result.SKIPPED, "already in a git repository")
    else:
        program = git.program(root)
        yield _run(_GIT_INIT, program, lambda found: git.run(found, root, *_GIT_INIT[1:]))


def environment(root: Path, options: Options) -> Iterator[CommandRun]:
    """Bring the lock file and the environment in step with `pyproject.toml`.

    Without the option `sync` neither is touched.
    """
    if not options.sync:
        yield CommandRun(_LOCK, Result.SKIPPED, "--no-sync")
        yield CommandRun(_SYNC, Result.SKIPPED, "--no-sync")
        return
    with options.during("uv lock"):
        lock = _lock(root)
    yield lock
    # The members of a workspace share an environment: what others need stays.
    sync = (*_SYNC, "--inexact") if uv.workspace_of(root) else _SYNC
    if lock.result is Result.DONE:
        with options.during("uv sync"):
            synced = _uv(sync, root)
        yield synced
    else:
        reason = lock.reason if lock.result is Result.SKIPPED else "`uv lock` failed"
        yield CommandRun(sync, Result.SKIPPED, reason)


def _lock(root: Path) -> CommandRun:
    """Run `uv lock`, and judge it by the lock file: uv may be configured to leave that alone."""
    path = uv.lock_path(root)
    before = _content(root / path)
    run = _uv(_LOCK, root)
    if run.result is not Result.DONE or _content(root / path) != before:
        return run
    if _uv(_CHECK, root).result is Result.DONE:
        return run
    cause = "; unset UV_FROZEN" if os.environ.get("UV_FROZEN") else ""
    reason = f"`{path}` was left as it is and does not match `pyproject.toml`{cause}"
    return CommandRun(_LOCK, Result.FAILED, reason)


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _uv(command: tuple[str, ...], root: Path) -> CommandRun:
    return _run(
        command,
        shutil.which("uv"),
        lambda found: subprocess.run(  # noqa: S603 - a constant command, no shell
            [found, *command[1:]], cwd=root, capture_output=True, text=True, check=False
        ),
    )


def _run(
    command: tuple[str, ...],
    program: str | None,
    start: "Callable[[str], subprocess.CompletedProcess[str]]",
) -> CommandRun:
    if program is None:
        return CommandRun(command, Result.SKIPPED, f"`{command[0]}` is not on PATH")
    try:
        with signals.as_interrupts():
            result = start(program)
    except KeyboardInterrupt:  # the files are written by now, and that has to be reported
        return CommandRun(command, Result.FAILED, "interrupted")
    if result.returncode == 0:
        return CommandRun(command, Result.DONE)
    return CommandRun(command, Result.FAILED, result.stderr.strip() or result.stdout.strip())
