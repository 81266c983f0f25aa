"""Docker Compose: find it, find the Compose file, and say what is missing."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from paxx import edits
from paxx.errors import PreconditionError
from paxx.project import COMPOSE_FILES, reader_of

PATIENCE = 20.0  # seconds, for a question to Docker itself

_INSTALL = "install it: https://docs.docker.com/compose/install"
_NO_ENGINE = re.compile(
    r"cannot connect to the docker|is the docker daemon running|error during connect"
    r"|failed to connect to the docker api",
    re.IGNORECASE,
)
_NO_PERMISSION = re.compile(r"permission denied.*docker", re.IGNORECASE)


def program(root: Path) -> tuple[str, ...]:
    """Return the words that call Docker Compose: the plugin of docker, else the one by itself.

    Raises PreconditionError where there is neither, or where there is no Compose file in `root`.
    """
    _check_file(root)
    has_docker = shutil.which("docker") is not None
    if has_docker and _ask(root, "docker", "compose", "version").returncode == 0:
        return ("docker", "compose")
    if shutil.which("docker-compose") is not None:
        version = _ask(root, "docker-compose", "version", "--short").stdout.strip()
        if not version.removeprefix("v").startswith(("0.", "1.")):
            return ("docker-compose",)
        raise PreconditionError(
            f"`docker-compose` {version} is too old for the Compose file", hint=_INSTALL
        )
    if has_docker:
        raise PreconditionError("`docker` has no `compose` plugin", hint=_INSTALL)
    raise PreconditionError("`docker` is not on PATH", hint=_INSTALL)


def check_engine(root: Path, compose: Sequence[str]) -> None:
    """Raise PreconditionError if the engine does not answer; to be asked after a failure."""
    printed = _ask(root, *compose, "ls", "--quiet").stderr
    if _NO_PERMISSION.search(printed):
        raise PreconditionError(
            "you have no permission to use the Docker engine",
            hint="permit it: https://docs.docker.com/engine/install/linux-postinstall",
        )
    if _NO_ENGINE.search(printed):
        raise PreconditionError(
            "the Docker engine does not answer",
            hint="start Docker Desktop or `sudo systemctl start docker`; `docker context ls`"
            " shows where it is looked for",
        )


def removes_volumes(arguments: Sequence[str]) -> bool:
    """Tell whether these arguments of `down` delete volumes."""
    for argument in arguments:
        name, _, value = argument.partition("=")
        if name == "--volumes" and value.lower() not in {"false", "f", "0"}:
            return True
        if re.match(r"-[a-z]*v", argument):
            return True
    return False


def _check_file(root: Path) -> None:
    if any((root / name).is_file() for name in COMPOSE_FILES):
        return
    text = (reader_of(root)(".env") or b"").decode("utf-8-sig", "replace")
    written: Mapping[str, str] = edits.function("env.values")(text)
    if not (os.environ.get("COMPOSE_FILE") or written.get("COMPOSE_FILE")):
        raise PreconditionError(
            f"there is no Compose file in `{root}`",
            hint=f"it is called one of {', '.join(f'`{name}`' for name in COMPOSE_FILES)}",
        )


def _ask(root: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    found = shutil.which(command[0]) or command[0]
    try:
        return subprocess.run(  # noqa: S603 - docker, no shell
            [found, *command[1:]],
            cwd=root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))
