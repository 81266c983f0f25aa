"""The checkout's `.venv`, resolved today with whichever package index is configured."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
TOOLS = ROOT / ".cache" / "tools"
PYTHON = str(VENV / "bin" / "python")

PIP_FILES = ["/etc/pip.conf", "~/.pip/pip.conf", "~/.config/pip/pip.conf"]
# Each of pip's settings, and the name under which uv reads it, here and in generated projects.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}
# Set by an environment that is active around us, and misleading for the one in here.
FOREIGN = (
    *("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "UV_PROJECT_ENVIRONMENT"),
    "PYTHONDONTWRITEBYTECODE",  # tests start hundreds of processes: each would compile all again
)


def configure() -> None:
    """Give uv pip's index settings, keep it to this Python, and make it reachable for tasks."""
    for name, value in pip_settings(dict(os.environ), PIP_FILES).items():
        os.environ.setdefault(PIP_TO_UV[name], value)
    if "UV_INDEX" in os.environ:
        # pip takes the newest release that any index has, uv that of the first one that has any.
        os.environ.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    os.environ["UV_PYTHON_DOWNLOADS"] = "never"
    for name in FOREIGN:
        os.environ.pop(name, None)
    if not os.access(Path.home(), os.W_OK):
        os.environ.setdefault("UV_CACHE_DIR", str(ROOT / ".cache" / "uv"))
    path = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = os.pathsep.join([path, str(TOOLS / "bin")])


def pip_settings(environment: dict[str, str], files: list[str]) -> dict[str, str]:
    """Return pip's index settings in uv's notation; the environment wins over files, as in pip."""
    parser = configparser.RawConfigParser()
    named = environment.get("PIP_CONFIG_FILE", os.devnull)
    parser.read([Path(name).expanduser() for name in [*files, named]], encoding="utf-8")
    settings = {}
    for name in PIP_TO_UV:
        variable = f"PIP_{name.upper().replace('-', '_')}"
        words = environment.get(variable, parser.get("global", name, fallback="")).split()
        if words:
            settings[name] = (" " if name == "extra-index-url" else ",").join(words)
    return settings


def synchronise(uv: str) -> None:
    """Bring `.venv` in step with `pyproject.toml`; a working `.venv` keeps its Python."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    python = PYTHON if succeeds([PYTHON, "-c", ""]) else base
    run([uv, "sync", "--quiet", "--python", python])


def program(name: str) -> str:
    """Return the path of a program of the environment."""
    return str(VENV / "bin" / name)


def tracked_files(*paths: str, root: Path = ROOT) -> list[str]:
    """Return the tracked files at or below `paths`, by default all, relative to `root`."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--", *paths]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    # A conflict lists a file more than once; a deleted one is listed until it is staged.
    return sorted({path for path in listed.split("\0") if path and (root / path).is_file()})


def run(command: list[str]) -> None:
    """Run a command and end with its exit code if it fails."""
    code = subprocess.run(command, check=False).returncode  # noqa: S603  the tasks' own commands
    if code:
        print(f"error: `{' '.join(command)}` ended with code {code}", file=sys.stderr)  # noqa: T201
        sys.exit(code)


def succeeds(command: list[str]) -> bool:
    """Return whether a command exists and ends with 0; its output is dropped."""
    try:
        done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603  as above
    except OSError:
        return False
    return done.returncode == 0
