"""Take services, volumes, variables and dependencies out of a Compose file."""

import re
from collections.abc import Callable, Collection, Iterator
from itertools import takewhile
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from paxx.changes import Already, Edited, Outcome, Unable
from paxx.edits import sequence
from paxx.edits.naming import READ_BY_DEFAULT, Naming
from paxx.edits.splice import Splice, apply, line_start
from paxx.edits.yaml import app_service, document, entries, inheritance
from paxx.edits.yaml.app_service import Addition
from paxx.edits.yaml.entries import Entry
from paxx.edits.yaml.services import mounts, named, rendered

_Keys = tuple[str, ...]
_SECTION = 3  # keys that lead to a section of a service; the service above it is the user's


def remove_service(
    text: str,
    name: str,
    block: str,
    before: Collection[str] = (),
    *,
    comes_back: bool = False,
) -> Outcome:
    """Take out a service that is as `add_service` writes it.

    No other one may depend on it, unless it `comes_back` in another form.
    """
    del before
    services = document.child(document.read(text), "services")
    block = inheritance.completed(block, document.pairs(services))
    users = [] if comes_back else _users(services, name, _depends)
    return _remove_entry(text, ("services", name), block, users)


def remove_volume(
    text: str, name: str, block: str = "", before: Collection[str] = (), service: str = ""
) -> Outcome:
    """Take out a volume that is as `add_volume` writes it; only `service` may mount it."""
    del before
    services = document.child(document.read(text), "services")
    users = [user for user in _users(services, name, mounts) if user != service]
    return _remove_entry(text, ("volumes", name), block, users)


def remove_environment(
    text: str, service: str, key: str, value: str, naming: Naming = READ_BY_DEFAULT
) -> Outcome:
    """Take a variable out of the environment of a service where it has that value."""
    services = document.child(document.read(text), "services")
    section = document.child(document.child(services, service), "environment")
    spelled = naming.find(key, document.keys(section)) or key
    return _remove_from(text, app_service.variable(service, spelled, value))


def remove_depends_on(text: str, service: str, name: str, condition: str) -> Outcome:
    """Make a service wait no longer for another one."""
    return _remove_from(text, app_service.dependency(text, service, name, condition))


def _remove_entry(text: str, path: _Keys, block: str, users: list[str]) -> Outcome:
    section, name = path
    root = document.read(text)
    there = document.pairs(document.child(root, section)).get(name)
    if there is None:
        return Already()
    lines = rendered(name, block, 2)
    ours, theirs = document.parsed("\n".join(lines))[name], document.plain(there)
    if not inheritance.is_same(theirs, ours) and not (theirs == {} and not block):
        return Already(f"your `{name}` is changed and stays")
    if users:
        listed = ", ".join(f"`{user}`" for user in users)
        return Already(f"{listed} needs `{name}`, which stays")
    return _cut(text, path, {line.strip() for line in lines})


def _remove_from(text: str, wanted: Addition) -> Outcome:
    root = document.read(text)
    service = document.child(document.child(root, "services"), wanted.service)
    section = document.child(service, wanted.section)
    there = None if section is None else app_service.present(section, wanted)
    if section is None or there is None or wanted.key not in app_service.keys_of(section):
        return Already()
    written = document.pairs(section).get(wanted.key)
    if there.note or (written is not None and document.plain(written) != wanted.value):
        return Already(f"your `{wanted.key}` is changed and stays")
    if document.is_block(section):
        return _cut(text, (*wanted.path, wanted.key), {line.strip() for line in wanted.lines})
    return _cut_inline(text, section, wanted)


def _cut_inline(text: str, section: Node, wanted: Addition) -> Outcome:
    if not isinstance(section, MappingNode | SequenceNode):  # pragma: no cover - it has keys
        raise TypeError(section)
    index = app_service.keys_of(section).index(wanted.key)
    splices = sequence.remove(text, app_service.spans(section), index)
    edited = apply(text, splices or [])
    expected = _without(document.plain(document.read(text)), (*wanted.path, wanted.key))
    is_right = splices is not None and document.result(edited) == expected
    return Edited(edited) if is_right else Unable("it cannot be cut out", wanted.pair)


def _cut(text: str, path: _Keys, ours: set[str]) -> Outcome:
    """Delete the lines of an entry, and the sections that hold nothing else."""
    root, name = document.read(text), path[-1]
    expected = document.plain(root)
    while True:
        parent = _node(root, path[:-1])
        siblings = _entries(text, root, path[:-1])
        if siblings is None or parent is None:
            return Unable(f"`{path[-2]}` is not written one entry a line", path[-1])
        index = app_service.keys_of(parent).index(path[-1])
        expected = _without(expected, path)
        if len(siblings) > 1 or len(path) == 1:
            break
        if len(path) == _SECTION:
            return Unable(f"`{path[-2]}` would be empty without it", name)
        path, ours = path[:-1], ours | {f"{path[-2]}:"}
    entry = siblings[index]
    lines = {line.strip() for line in text[entry.start : entry.end].splitlines()}
    if path[-1] == name:  # what stands above a section may have been there before it was filled
        lines |= set(_comments_above(text, entry))
    if any("#" in line for line in lines - ours - {f"- {each}" for each in ours}):
        return Already(f"`{name}` has a comment of yours and stays")
    edited = apply(text, [_deletion(text, siblings, index)])
    is_right = document.result(edited) == (expected or None)
    return Edited(edited) if is_right else Unable("it cannot be cut out", name)


def _comments_above(text: str, entry: Entry) -> Iterator[str]:
    """Return the comment lines directly above an entry that are indented as it is."""
    above = text[: line_start(text, entry.start)].split("\n")[-2::-1]
    start = " " * entry.column + "#"
    return map(str.strip, takewhile(lambda line: line.startswith(start), above))


def _node(root: Node | None, path: _Keys) -> Node | None:
    for key in path:
        root = document.child(root, key)
    return root


def _entries(text: str, root: Node | None, path: _Keys) -> list[Entry] | None:
    parent = _node(root, path[:-1])
    if not path:
        return None if root is None else entries.of(text, root)
    return entries.own_block(text, parent, path[-1]) if isinstance(parent, MappingNode) else None


def _deletion(text: str, siblings: list[Entry], index: int) -> Splice:
    """Return the splice that deletes an entry with one of the blank lines around it."""
    start, end = line_start(text, siblings[index].start), siblings[index].end
    if len(siblings) == 1 and not text[:start].strip() and not text[end:].strip():
        return Splice(0, len(text), "")
    if index + 1 < len(siblings):
        gap = re.match(r"[ \t]*\r?\n", text[end:])
        return Splice(start, end + (len(gap[0]) if gap else 0), "")
    above = re.search(r"(?<=\n)[ \t]*\r?\n\Z", text[:start])
    start -= len(above[0]) if above else 0
    if not text.endswith("\n") and end == len(text):
        start = len(text[:start].removesuffix("\n").removesuffix("\r"))
    return Splice(start, end, "")


def _without(data: Any, path: _Keys) -> Any:
    """Return the data without what is at a path of keys; the last may be an item of a list."""
    if isinstance(data, list):
        return [each for each in data if each[1].partition("=")[0] != path[0]]
    if len(path) > 1:
        return {**data, path[0]: _without(data[path[0]], path[1:])}
    return {key: value for key, value in data.items() if key != path[0]}


def _users(services: Node | None, name: str, uses: Callable[[Node, str], bool]) -> list[str]:
    found = document.complete(services)
    return [user for user, body in found.items() if user != name and uses(body, name)]


def _depends(body: Node, name: str) -> bool:
    """Tell whether a service names another one; as `depends_on`, `links` and so on may."""
    service = document.complete(body)
    section = service.get("depends_on")
    if section is not None and name in app_service.keys_of(section):
        return True
    if inheritance.extended(service) == name:
        return True
    shared = (service.get(f"{key}_mode") for key in ("network", "pid", "ipc"))
    if any(each is not None and each.value == f"service:{name}" for each in shared):
        return True
    lists = (service.get(key) for key in ("links", "volumes_from"))
    return any(name in named(each) for each in lists)
