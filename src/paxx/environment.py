"""The environment of a project: its interpreter, and how programs are run in it."""

import os
import shutil
import subprocess
from pathlib import Path

from paxx import uv
from paxx.errors import PreconditionError


def interpreter_of(root: Path) -> Path | None:
    """Return the interpreter that runs the project: of its own environment, else the active one.

    A member of a workspace has the environment of the workspace.
    """
    home = uv.home_of(root)
    named = os.environ.get("UV_PROJECT_ENVIRONMENT"), os.environ.get("VIRTUAL_ENV")
    folders = [home / named[0]] if named[0] else []
    folders += [home / ".venv", root / ".venv"]
    folders += [root / named[1]] if named[1] else []
    candidates = (
        folder / place for folder in folders for place in ("bin/python", "Scripts/python.exe")
    )
    return next((path for path in candidates if path.is_file()), None)


def required_interpreter(root: Path) -> Path:
    """Return the interpreter that runs the project; raises PreconditionError without one."""
    found = interpreter_of(root)
    if found is None:
        raise PreconditionError(
            "the project has no environment",
            hint="`uv sync` creates it; so does `python -m venv .venv` with the dependencies of"
            " `pyproject.toml` installed",
        )
    return found


def run_script(
    root: Path, interpreter: Path, script: Path, *arguments: str, patience: float
) -> "subprocess.CompletedProcess[bytes]":
    """Run a script of ours in a project and return what it printed; no bytecode is written.

    Raises OSError where the interpreter does not run, TimeoutExpired after `patience` seconds.
    """
    return subprocess.run(  # noqa: S603 - the project's own interpreter, no shell
        [str(interpreter), "-B", str(script), *arguments],
        cwd=root,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=patience,
    )


def command(root: Path, program: str, *arguments: str) -> tuple[str, ...]:
    """Return the command line that runs a program of the project's environment.

    That is `uv run` where there are a lock file and uv, which brings the environment in step
    first; else the program beside the project's interpreter. Raises PreconditionError where
    there is neither.
    """
    if (root / uv.lock_path(root)).is_file() and shutil.which("uv"):
        return ("uv", "run", program, *arguments)
    folder = required_interpreter(root).parent
    found = shutil.which(program, path=str(folder))
    if found is None:
        raise PreconditionError(
            f"`{program}` is not installed in `{_shown(folder.parent, root)}`",
            hint="`uv sync` brings the environment in step with `pyproject.toml`",
        )
    return (_shown(Path(found), root), *arguments)


def compose_program() -> str | None:
    """Return how Docker Compose is called on this machine, None where there is no Docker."""
    if shutil.which("docker"):
        return "docker compose"
    return "docker-compose" if shutil.which("docker-compose") else None


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
