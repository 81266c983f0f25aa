"""The interpreter of a project, uv, and the lock file."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from paxx import documents
from paxx.doctor.findings import Finding, info, ok, problem
from paxx.project import Project
from paxx.uv import lock_path

PATIENCE = 60.0  # seconds; uv may ask an index when the lock is not in step


def python(project: Project, interpreter: Path, version: str) -> Finding:
    """Return whether the version is one that the project allows."""
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415 - slow

    required = str(_project_table(project).get("requires-python", ""))
    place = _relative(interpreter.parent.parent, project.root)
    try:
        allowed = SpecifierSet(required).contains(version, prereleases=True)
    except ValueError:
        hint = "write it as in `>=3.11`"
        return problem("python", f"`requires-python` is not a version: `{required}`", hint)
    if not allowed:
        message = f"{version} in `{place}`, and `requires-python` is `{required}`"
        return problem("python", message, "`uv sync` makes an environment with one that fits")
    return ok("python", f"{version} in `{place}`")


def uv(project: Project) -> Iterator[Finding]:
    """Yield whether uv is there, and whether the lock file is in step with `pyproject.toml`."""
    program = shutil.which("uv")
    if program is None:
        hint = "install it: https://docs.astral.sh/uv"
        yield info("uv", "not on PATH", hint)
    else:
        version = _run(project.root, program, "--version").stdout.removeprefix("uv ").split(" (")
        yield ok("uv", version[0].strip())
    lock = lock_path(project.root)
    if project.read(lock) is None:
        yield problem("lock", f"there is no `{lock}`", "`uv lock` writes it")
    elif program is not None:
        yield _lock(project.root, program)


def _lock(root: Path, program: str) -> Finding:
    try:
        result = _run(root, program, "lock", "--check", "--no-python-downloads", "--color", "never")
    except subprocess.TimeoutExpired:
        message = f"`uv lock --check` did not end within {PATIENCE:.0f} s"
        return problem("lock", message, "run it to see what it waits for")
    if result.returncode == 0:
        return ok("lock", "in step with `pyproject.toml`")
    if result.returncode == 1:
        message = "`uv.lock` is not in step with `pyproject.toml`"
        return problem("lock", message, "`uv lock` brings it there, or says why it cannot")
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    message = errors[0].removeprefix("error: ") if errors else f"uv ended with {result.returncode}"
    return problem("lock", message, "`uv lock --check` says more")


def _run(root: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - uv, no shell
        command,
        cwd=root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=PATIENCE,
    )


def _project_table(project: Project) -> dict[str, object]:
    # The project is loaded, so that the file parses and the table is there.
    text = (project.read("pyproject.toml") or b"").decode("utf-8-sig")
    table: dict[str, object] = documents.parse_toml(text)["project"]
    return table


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
