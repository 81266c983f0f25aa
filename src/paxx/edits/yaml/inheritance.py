"""What a service has from others: by `<<`, and from the one that it extends.

A service that extends another one is a second container. It must not inherit what can exist only
once, nor what sends requests to the first one.
"""

from collections.abc import Iterable, Iterator, Mapping

from ruamel.yaml.nodes import Node, ScalarNode, SequenceNode

from paxx.edits.yaml import document
from paxx.edits.yaml.entries import indented

RESET = "!reset null"
_EXCLUSIVE = (
    "container_name",
    "devices",
    "domainname",
    "expose",
    "hostname",
    "label_file",
    "labels",
    "mac_address",
    "ports",
    "post_start",
    "pre_stop",
    "scale",
)
_OF_DEPLOY = ("endpoint_mode", "labels", "replicas")
_OF_NETWORK = (
    "aliases",
    "interface_name",
    "ipv4_address",
    "ipv6_address",
    "link_local_ips",
    "mac_address",
)
_OF_PROXIES = ("LETSENCRYPT_", "VIRTUAL_")
"""Variables by which nginx-proxy and its companion find the containers to send requests to."""

_Resets = dict[str, "_Resets"]
"""Sections to reset, or what of them; empty for all of a section."""


def services(text: str) -> dict[str, Node]:
    """Return the services of a Compose file by name."""
    return document.pairs(document.child(document.read(text), "services"))


def built(services: Mapping[str, Node]) -> list[str]:
    """Return the services that are built here, any of which may be the application."""
    return [name for name, node in services.items() if "build" in document.complete(node)]


def chain(services: Mapping[str, Node], name: str) -> list[dict[str, Node]]:
    """Return the sections of a service and of those that it extends, the service itself first."""
    found: list[dict[str, Node]] = []
    known: set[str] = set()
    while name in services and name not in known:
        known.add(name)
        found.append(document.complete(services[name]))
        name = extended(found[-1]) or ""
    return found


def sections(services: Mapping[str, Node], name: str) -> dict[str, Node]:
    """Return the sections of a service, those that it inherits included; nearer ones win."""
    merged: dict[str, Node] = {}
    for each in reversed(chain(services, name)):
        merged |= each
    return merged


def extended(service: Mapping[str, Node]) -> str | None:
    """Return the service of the same file that a service extends."""
    extends = service.get("extends")
    if extends is None or "file" in document.complete(extends):
        return None
    named = document.child(extends, "service") or extends
    return str(named.value) if isinstance(named, ScalarNode) else None


def extends_another_file(inherited: list[dict[str, Node]]) -> bool:
    """Tell whether a service has sections that are in another file."""
    return any("file" in document.complete(each.get("extends")) for each in inherited)


def completed(block: str, services: Mapping[str, Node]) -> str:
    """Return the body of a service with what it must not inherit from the one it extends.

    What the body says itself stays as it is there.
    """
    own = document.pairs(document.read(block))
    name, lines = extended(own), block.split("\n")
    if name is None or "extends:" not in lines:
        return block
    inherited = _resets(chain(services, name))
    resets = {key: inner for key, inner in inherited.items() if key not in own}
    end = lines.index("extends:") + 1
    while lines[end : end + 1] and lines[end].startswith(" "):
        end += 1
    return "\n".join([*lines[:end], *_lines(resets), *lines[end:]])


def work(block: str) -> list[str]:
    """Return the command of a service that extends another one, nothing for any other."""
    own = document.pairs(document.read(block))
    command = own.get("command")
    items = command.value if extended(own) and isinstance(command, SequenceNode) else []
    return [document.scalar(each) for each in items]


def blocker(block: str, services: Mapping[str, Node]) -> str:
    """Return why a service with this body cannot be added, or nothing."""
    name = extended(document.pairs(document.read(block)))
    if name is None:
        return ""
    if name not in services:
        several = built(services)
        if len(several) > 1:
            listed = ", ".join(f"`{each}`" for each in several)
            return f"cannot tell which service is the application: {listed}"
        return f"there is no service `{name}` to extend"
    for each in chain(services, name):
        variables = each.get("environment")
        items = variables.value if isinstance(variables, SequenceNode) else []
        keys = (str(item.value).partition("=")[0] for item in items)
        attracting = next((key for key in keys if key.startswith(_OF_PROXIES)), None)
        if attracting is not None:
            return (
                f"it would inherit `{attracting}` from the list `environment` of `{name}`, of which"
                " Compose resets nothing; write that section as a mapping"
            )
    return ""


def is_same(theirs: object, ours: object) -> bool:
    """Compare the data of two services, apart from what each resets of what it inherits.

    The network to join may have changed since a service came.
    """
    left, right = _comparable(theirs, ours)
    return left == right


def differences(theirs: object, ours: object) -> str:
    """Return the keys in which the data of two services differs, or nothing."""
    sides = _comparable(theirs, ours)
    left, right = (each if isinstance(each, dict) else {} for each in sides)
    changes = [f"`{key}` is missing" for key in right if key not in left]
    changes += [f"`{key}` differs" for key in left if left[key] != right.get(key, left[key])]
    return ", ".join([*changes, *(f"`{key}` is new" for key in left if key not in right)])


def _comparable(theirs: object, ours: object) -> tuple[object, object]:
    left, right = _stated(theirs), _stated(ours)
    if isinstance(left, dict) and isinstance(right, dict) and "networks" not in left:
        right = {key: value for key, value in right.items() if key != "networks"}
    return left, right


def _stated(data: object) -> object:
    if not isinstance(data, dict):
        return data
    left = {key: _stated(value) for key, value in data.items() if not _is_reset(value)}
    return {key: value for key, value in left.items() if value != {} or data[key] == {}}


def _is_reset(value: object) -> bool:
    return isinstance(value, tuple) and value[0] == "!reset"


def _resets(inherited: list[dict[str, Node]]) -> _Resets:
    has = {key for each in inherited for key in each}
    deploy = {key for each in inherited for key in document.complete(each.get("deploy"))}
    variables = {key for each in inherited for key in document.complete(each.get("environment"))}
    nested: _Resets = {
        "deploy": _all_of(key for key in _OF_DEPLOY if key in deploy),
        "environment": _all_of(key for key in sorted(variables) if key.startswith(_OF_PROXIES)),
        "networks": _of_networks(inherited),
    }
    return {
        **_all_of(key for key in _EXCLUSIVE if key in has),
        **{key: inner for key, inner in nested.items() if inner},
    }


def _all_of(keys: Iterable[str]) -> _Resets:
    return {key: {} for key in keys}


def _of_networks(inherited: list[dict[str, Node]]) -> _Resets:
    found: _Resets = {}
    for each in inherited:
        for name, settings in document.complete(each.get("networks")).items():
            has = document.complete(settings)
            found[name] = found.get(name, {}) | _all_of(key for key in _OF_NETWORK if key in has)
    return {name: resets for name, resets in found.items() if resets}


def _lines(resets: _Resets) -> Iterator[str]:
    for key, inner in resets.items():
        yield f"{key}:" if inner else f"{key}: {RESET}"
        yield from indented([*_lines(inner)], 2)
