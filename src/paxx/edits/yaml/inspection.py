"""Tell what a Compose file has: services, the project's own one, published ports."""

import re
from collections.abc import Iterator

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from paxx.edits.yaml import document, inheritance

_DEFAULT = re.compile(r"\$\{\w+:?-([^}]*)\}")


def service_names(text: str) -> list[str]:
    """Return the names of the services, in their order."""
    return list(inheritance.services(text))


def find_app_service(text: str, preferred: str = "app") -> str | None:
    """Return the service of that name, else the only one that is built, else None."""
    if preferred in inheritance.services(text):
        return preferred
    built = built_services(text)
    return built[0] if len(built) == 1 else None


def built_services(text: str) -> list[str]:
    """Return the services that are built here, any of which may be the application."""
    services = inheritance.services(text)
    return [name for name, node in services.items() if "build" in document.complete(node)]


def published_ports(text: str) -> dict[int, str]:
    """Return the ports of the host that services publish, each with its first service.

    A variable counts with its default.
    """
    published: dict[int, str] = {}
    services = inheritance.services(text)
    for name in services:
        ports = inheritance.sections(services, name).get("ports")
        for port in ports.value if isinstance(ports, SequenceNode) else []:
            for number in _host_ports(port):
                published.setdefault(number, name)
    return published


def has_healthcheck(text: str, service: str) -> bool:
    """Tell whether a service can get healthy; one that is not in the file may."""
    services = inheritance.services(text)
    found = document.complete(services.get(service))
    check = found.get("healthcheck")
    if service not in services or "extends" in found:
        return True
    disabled = document.child(check, "disable")
    return check is not None and (disabled is None or disabled.value != "true")


def networks(text: str, service: str) -> tuple[str, ...] | None:
    """Return the networks that a service names instead of the default one, None where none.

    `network_mode` counts as one that is called by its value.
    """
    found = inheritance.sections(inheritance.services(text), service)
    mode, named = found.get("network_mode"), found.get("networks")
    if isinstance(mode, ScalarNode):
        return (str(mode.value),)
    if isinstance(named, SequenceNode):
        return tuple(str(each.value) for each in named.value)
    return tuple(document.pairs(named)) or None


def _host_ports(node: Node) -> Iterator[int]:
    if isinstance(node, MappingNode):
        published = document.child(node, "published")
        written = "" if published is None else str(published.value)
    else:
        written = _DEFAULT.sub(r"\1", str(node.value)).rpartition(":")[0].rpartition(":")[2]
    numbers = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", _DEFAULT.sub(r"\1", written))
    if numbers:
        first, last = int(numbers[1]), int(numbers[2] or numbers[1])
        yield from range(first, min(last, 65535) + 1)
