"""The ports that the Compose file publishes, and what has taken them on this machine."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from paxx import documents, edits
from paxx.doctor import listeners
from paxx.doctor.findings import Finding, info, ok, problem
from paxx.errors import FileSyntaxError
from paxx.project import Project

PATIENCE = 10.0  # seconds

_VARIABLE = re.compile(r"\$\{(\w+):?-(\d+)\}")


def published(project: Project) -> dict[int, str]:
    """Return the ports of this machine that services publish, with the project's own variables.

    Raises FileSyntaxError for a Compose file that does not parse.
    """
    text, variables = _compose(project), _variables(project)
    filled_in = _VARIABLE.sub(lambda found: _value(found, variables), text)
    with documents.parser_limits(project.compose_file()):
        ports: dict[int, str] = edits.function("yaml.published_ports")(filled_in)
    return ports


def findings(
    project: Project, ports: Mapping[int, str], answering: Collection[str]
) -> Iterator[Finding]:
    """Yield the ports that are taken; `answering` are services that are known to run here."""
    taken = [port for port in sorted(ports) if listeners.is_taken(port)]
    if not taken:
        yield ok("ports", "those that the Compose file publishes are free")
        return
    containers = _of_containers(project.root)
    for port in taken:
        service, listener = ports[port], listeners.of(port)
        subject = f"port {port}"
        if port in containers:
            yield info(subject, f"taken by the container of `{service}`")
        elif service in answering:
            yield info(subject, f"taken by {listener}, which answers as `{service}`")
        elif _runs_in(project.root, listener):
            yield info(subject, f"taken by {listener}, which runs in this project")
        else:
            message = f"of service `{service}` is taken by {listener}"
            yield problem(subject, message, _way_out(project, port, listener))


def holder(project: Project, port: int) -> str:
    """Return who has taken a port, as in `taken by …`."""
    try:
        service = published(project).get(port)
    except FileSyntaxError:
        service = None
    if service and port in _of_containers(project.root):
        return f"the container of `{service}`"
    listener = listeners.of(port)
    here = ", which runs in this project" if _runs_in(project.root, listener) else ""
    return f"{listener}{here}"


def _runs_in(root: Path, listener: listeners.Listener) -> bool:
    directory = listener.directory
    return directory is not None and root in (directory, *directory.parents)


def _way_out(project: Project, port: int, listener: listeners.Listener) -> str:
    variables = _variables(project)
    names = {_value(found, variables): found[1] for found in _VARIABLE.finditer(_compose(project))}
    variable = names.get(str(port))
    elsewhere = f"set `{variable}` in `.env` to another" if variable else "publish another"
    known = f"stop process {listener.pid}" if listener.pid else "stop what listens there"
    return f"{elsewhere}, or {known}"


def _compose(project: Project) -> str:
    return (project.read(project.compose_file()) or b"").decode("utf-8-sig", "replace")


def _variables(project: Project) -> dict[str, str]:
    text = (project.read(".env") or b"").decode("utf-8-sig", "replace")
    values: dict[str, str] = edits.function("env.values")(text)
    return {**values, **os.environ}


def _value(found: "re.Match[str]", variables: Mapping[str, str]) -> str:
    value = variables.get(found[1], "")
    return value if value.isdecimal() else found[2]


def _of_containers(root: Path) -> set[int]:
    docker = shutil.which("docker")
    if docker is None:
        return set()
    try:
        result = subprocess.run(  # noqa: S603 - docker, no shell
            [docker, "compose", "ps", "--format", "json"],
            cwd=root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=PATIENCE,
        )
        return {
            each.get("PublishedPort")
            for container in _documents(result.stdout)
            for each in container.get("Publishers") or []
        }
    except (subprocess.TimeoutExpired, OSError, ValueError):
        return set()


def _documents(printed: bytes) -> list[dict[str, Any]]:
    # One array, or since Compose 2.21 one object a line.
    parsed = [json.loads(line) for line in printed.splitlines() if line.strip()]
    return [each for found in parsed for each in (found if isinstance(found, list) else [found])]
