"""Cut the `compose.yaml` of a component into services and volumes, as text.

The fragment is ours: block style, indented by two spaces, one blank line between services.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from paxx import render
from paxx.catalog import Component
from paxx.edits.naming import sort_key
from paxx.expand.scope import Scope


@dataclass(frozen=True, slots=True)
class Fragment:
    """The bodies of services and volumes by name, as text indented from column 0."""

    services: dict[str, str]
    volumes: dict[str, str]

    def user_of(self, volume: str) -> str:
        """Return the service that mounts the volume, or nothing."""
        mounts = (name for name, block in self.services.items() if f"{volume}:" in block)
        return next(mounts, "")


def of(component: Component, scope: Scope) -> Fragment:
    """Return the fragment of a component, filled in with the project and `app`, its own service.

    Where the Compose file has no such service, `app` is what a bootstrap calls it.
    """
    context: render.Context = {**scope.project.context, "app": scope.stack.app or "app"}
    return read(render.text(component.fragment, context))


def names(catalog: Iterable[Component]) -> tuple[list[str], list[str]]:
    """Return all services and all volumes in their order, the database of a project with them."""
    fragments = [read(component.fragment) for component in catalog]
    services = {"db", *(name for each in fragments for name in each.services)}
    volumes = {"db-data", *(name for each in fragments for name in each.volumes)}
    return sorted(services, key=sort_key), sorted(volumes, key=sort_key)


def servers(catalog: Iterable[Component]) -> dict[str, str]:
    """Return the bodies of the services of components that do not depend on the project."""
    fragments = [read(component.fragment) for component in catalog]
    services = {name: block for each in fragments for name, block in each.services.items()}
    return {name: block for name, block in services.items() if "{{" not in block}


def read(text: str) -> Fragment:
    """Return the services and volumes of a fragment; both are empty for an empty text."""
    sections = _blocks(text)
    return Fragment(
        _blocks(sections.get("services", "")),
        _blocks(sections.get("volumes", "")),
    )


def start_condition(service: str, catalog: Iterable[Component]) -> str:
    """Return the condition to wait for: a service with a health check has to be healthy."""
    for component in catalog:
        block = read(component.fragment).services.get(service)
        if block is not None:
            return "service_healthy" if "healthcheck:" in block else "service_started"
    return "service_started"


def _blocks(text: str) -> dict[str, str]:
    blocks: dict[str, list[str]] = {}
    body: list[str] = []
    for line in text.splitlines():
        heading = re.fullmatch(r"([\w.-]+):\s*", line)
        if heading:
            body = blocks.setdefault(heading[1], [])
        else:
            body.append(line.removeprefix("  "))
    return {name: "\n".join(lines).strip("\n") for name, lines in blocks.items()}


def ports(block: str) -> list[tuple[int, str]]:
    """Return the host ports that a service publishes, each with the variable that moves it."""
    found = re.findall(r"\$\{(\w+):-(\d+)\}:\d+", block)
    return [(int(port), variable) for variable, port in found]
