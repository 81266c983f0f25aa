"""Which networks the services of a Compose file are on, and how one reaches another."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ruamel.yaml.nodes import Node, ScalarNode, SequenceNode

from paxx.edits.yaml import document, inheritance
from paxx.edits.yaml.definition import with_defaults

Services = Mapping[str, Node]

DEFAULT = "default"
HOST = "host"
_PORT_PART = re.compile(r"(?:\$\{[^}]*\}|\[[^\]]*\]|[^:\[])+")

_NUMBERS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_RANGE = re.compile(r"(\d{1,5})-\d{1,5}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """The networks of a service, or the mode that it has instead, such as `host`."""

    networks: tuple[str, ...] = (DEFAULT,)
    mode: str = ""


def attachment(services: Services, name: str) -> Attachment:
    """Return what a service is attached to: with `network_mode: service:NAME`, what NAME is."""
    known = {name}
    while isinstance(mode := inheritance.sections(services, name).get("network_mode"), ScalarNode):
        name = str(mode.value).removeprefix("service:")
        if name == mode.value or name not in services or name in known:
            return Attachment((), str(mode.value))
        known.add(name)
    named = inheritance.sections(services, name).get("networks")
    return Attachment(tuple(document.keys(named)) or (DEFAULT,))


def reaches(services: Services, client: str, server: str) -> bool:
    """Tell whether one service finds another by its name."""
    left, right = attachment(services, client), attachment(services, server)
    has_name = "network_mode" not in inheritance.sections(services, server)
    return has_name and not {*left.networks}.isdisjoint(right.networks)


def address(services: Services, client: str | None, server: str, port: int) -> str | None:
    """Return where a service finds the port of another one, None where it cannot.

    That is its name; a service on the network of the host takes the port that is published there.
    """
    if client is None or attachment(services, client).mode != HOST:
        return f"{server}:{port}"
    published = str(port) if attachment(services, server).mode == HOST else None
    published = published or published_port(services, server, port)
    return published and f"localhost:{published}"


def published_port(services: Services, name: str, port: int) -> str | None:
    """Return the port of the host as it is written, by which a port of a service is reached.

    None where there is none, or where Docker picks it from a range.
    """
    ports = inheritance.sections(services, name).get("ports")
    for each in ports.value if isinstance(ports, SequenceNode) else []:
        published, target = _pair(each)
        inner = _NUMBERS.fullmatch(with_defaults(target).partition("/")[0])
        outer = _RANGE.fullmatch(published)
        if not published or not inner or bool(outer) != bool(inner[2]):
            continue
        first, last = int(inner[1]), int(inner[2] or inner[1])
        if first <= port <= last:
            return str(int(outer[1]) + port - first) if outer else published
    return None


def _pair(port: Node) -> tuple[str, str]:
    if isinstance(port, ScalarNode):
        parts = _PORT_PART.findall(str(port.value))
        return (parts[-2] if len(parts) > 1 else ""), (parts[-1] if parts else "")
    long = document.complete(port)
    published, target = (document.scalar(long.get(key)) for key in ("published", "target"))
    return published, target


def network_to_join(text: str, client: str | None) -> str | None:
    """Return the network that a new service has to be on for `client` to reach it.

    None where that is the default network, and where there is none but external networks: other
    projects are on those, too. A network on which the client waits for somebody comes first.
    """
    if client is None:
        return None
    services = inheritance.services(text)
    found = attachment(services, client)
    external = {*_external(text)}
    candidates = [each for each in found.networks if each not in external]
    if DEFAULT in found.networks or not candidates:
        return None
    for name in document.keys(inheritance.sections(services, client).get("depends_on")):
        shared = [each for each in attachment(services, name).networks if each in candidates]
        if shared:
            return shared[0]
    return candidates[0]


def _external(text: str) -> Iterator[str]:
    networks = document.complete(document.child(document.read(text), "networks"))
    for name, settings in networks.items():
        external = document.complete(settings).get("external")
        if external is not None and str(external.value).lower() != "false":
            yield name
