"""Tell what a Compose file has: services, the project's own one, published ports."""

import re
from collections.abc import Iterator, Mapping

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from paxx.edits.inspected import Stack
from paxx.edits.yaml import document, inheritance, networks, servers
from paxx.edits.yaml.definition import with_defaults

_TRUE = {"true", "yes", "on", "y"}


def inspect_stack(text: str, blocks: Mapping[str, str]) -> Stack:
    """Return what components have to know of a file.

    `blocks` are the bodies of the services that it gets where it lacks them.
    """
    app = find_app_service(text)
    return Stack(app, networks.network_to_join(text, app), servers.inspect(text, blocks, app))


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
    return inheritance.built(inheritance.services(text))


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


def included_files(text: str) -> list[str]:
    """Return the files that a Compose file includes, as they are written."""
    include = document.child(document.read(text), "include")
    found: list[str] = []
    for each in include.value if isinstance(include, SequenceNode) else []:
        paths = document.child(each, "path") or each
        nodes = paths.value if isinstance(paths, SequenceNode) else [paths]
        found += filter(None, map(document.scalar, nodes))
    return found


def has_healthcheck(text: str, service: str) -> bool:
    """Tell whether a service can get healthy; one that is not in the file may."""
    services = inheritance.services(text)
    check: dict[str, Node] = {}
    for each in reversed(inheritance.chain(services, service)):
        check |= document.complete(each.get("healthcheck"))
    test = check.get("test")
    words = test.value if isinstance(test, SequenceNode) else [test]
    has_test = document.scalar(words[0] if words else None) not in {"", "NONE"}
    is_disabled = document.scalar(check.get("disable")).lower() in _TRUE
    return service not in services or (has_test and not is_disabled)


def disabled_by(text: str, client: str, service: str) -> str:
    """Return what may keep a service from starting with the one that needs it, or nothing."""
    services = inheritance.services(text)
    found, own = (inheritance.sections(services, name) for name in (service, client))
    profiles, enabling = (document.keys(each.get("profiles")) for each in (found, own))
    if profiles and not (enabling and {*enabling} <= {*profiles}):
        return f"`profiles: [{', '.join(profiles)}]`"
    deploy = document.complete(found.get("deploy"))
    counts = (document.scalar(each) for each in (found.get("scale"), deploy.get("replicas")))
    return "no replicas" if "0" in map(with_defaults, counts) else ""


def _host_ports(node: Node) -> Iterator[int]:
    if isinstance(node, MappingNode):
        published = document.child(node, "published")
        written = "" if published is None else str(published.value)
    else:
        written = with_defaults(str(node.value)).rpartition(":")[0].rpartition(":")[2]
    numbers = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", with_defaults(written))
    if numbers:
        first, last = int(numbers[1]), int(numbers[2] or numbers[1])
        yield from range(first, min(last, 65535) + 1)
