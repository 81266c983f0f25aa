"""Add services and volumes to a Compose file."""

import re
from collections.abc import Collection, Mapping

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from paxx.changes import Already, Edited, Outcome, Unable
from paxx.edits.splice import Splice, after_line, apply, at_end, line_end
from paxx.edits.yaml import definition, document, entries, inheritance
from paxx.edits.yaml.entries import Entry


def add_service(text: str, name: str, block: str, before: Collection[str] = ()) -> Outcome:
    """Add a service; `block` is its body in YAML, indented by two spaces from column 0.

    It goes in front of the first service that is one of `before`, else to the end. A service of
    that name is kept. One that extends another service inherits nothing that can exist only once.
    """
    services = inheritance.services(text)
    block = inheritance.completed(block, services)
    other = _at_the_same_work(services, name, block)
    return other or _add(text, ("services", name), block, before)


def add_volume(
    text: str, name: str, block: str = "", before: Collection[str] = (), service: str = ""
) -> Outcome:
    """Add a top-level volume, as `add_service` does a service; `block` may be empty.

    `service` is the one that it comes with; where that one does not mount it, it is not needed.
    """
    body = inheritance.services(text).get(service)
    if body is not None and not mounts(body, name):
        return Already()
    return _add(text, ("volumes", name), block, before)


def mounts(body: Node, name: str) -> bool:
    """Return whether a service mounts a volume."""
    return name in named(document.complete(body).get("volumes"))


def named(section: Node | None) -> set[str]:
    """Return what the items of a list name: in front of the first colon, or as `source`."""
    items = section.value if isinstance(section, SequenceNode) else []
    sources = (document.child(each, "source") or each for each in items)
    return {str(each.value).partition(":")[0] for each in sources}


def _at_the_same_work(services: Mapping[str, Node], name: str, block: str) -> Outcome | None:
    """Return that the work of a second container is done by another service, or by none.

    A user's own service of that name may do other work, and one of another name the same.
    """
    work = inheritance.work(block)
    found = [each for each in services if work and definition.runs(services, each, work)]
    if not work or name in found or not (found or name in services):
        return None
    if found:
        return Already(f"your `{found[0]}` is kept")
    lines = [f"{work[0]}-{name}:", *entries.indented(block.split("\n"), 2)]
    snippet = "\n".join(["services:", *entries.indented(lines, 2)])
    return Unable(f"your `{name}` does not run `{' '.join(work)}`", snippet)


def _add(text: str, path: tuple[str, str], block: str, before: Collection[str]) -> Outcome:
    section, name = path
    root = document.read(text)
    snippet = "\n".join([f"{section}:", *entries.indented(rendered(name, block, 2), 2)])
    present = document.pairs(document.child(root, section))
    body = document.parsed(f"{name}:\n" + "\n".join(rendered(name, block, 2)[1:]))[name]
    if name in present:
        theirs = document.plain(present[name])
        is_ours = inheritance.is_same(theirs, body) or (theirs == {} and not block)
        if is_ours:
            return Already()
        return Already(f"your `{name}` is kept", inheritance.differences(theirs, body))
    reason = inheritance.blocker(block, present)
    if reason:
        return Unable(reason, snippet)
    splice = _splice(text, root, path, block, before)
    if splice is None:
        return Unable(f"`{section}` is not written one entry a line", snippet)
    edited = apply(text, [splice])
    if document.result(edited) != document.with_value(document.plain(root), path, body):
        return Unable(f"there is no safe place in `{section}`", snippet)
    return Edited(edited)


def _splice(
    text: str, root: Node | None, path: tuple[str, str], block: str, before: Collection[str]
) -> Splice | None:
    section, name = path
    if root is None or document.is_unset(root):
        lines = [f"{section}:", *entries.indented(rendered(name, block, 2), 2)]
        return at_end(text, "\n".join(lines))
    top = entries.of(text, root) if document.is_block(root) else None
    if top is None or not isinstance(root, MappingNode):
        return None
    value, step = document.child(root, section), _step(text, root)
    lines = entries.indented(rendered(name, block, step), step)
    if value is None:
        return entries.insert(text, top, len(top), [f"{section}:", *lines], "\n")
    if document.is_unset(value) or document.plain(value) == {}:
        return _first(text, root, section, entries.indented(lines, top[0].column))
    siblings = entries.own_block(text, root, section)
    if siblings is None or not isinstance(value, MappingNode):
        return None
    keys = [str(key.value) for key, _ in value.value]
    index = next((i for i, key in enumerate(keys) if key in before), len(keys))
    gap = "\n" if _are_spaced(text, section, siblings) else ""
    return entries.insert(text, siblings, index, rendered(name, block, step), gap)


def _first(text: str, root: MappingNode, section: str, lines: list[str]) -> Splice:
    """Return the splice for an empty section, in place of `{}` where that is what it is."""
    value = document.child(root, section)
    if value is None or document.is_unset(value):
        return after_line(text, entries.key_start(root, section), "\n".join(lines))
    start, end = int(value.start_mark.index), int(value.end_mark.index)
    rest = line_end(text, end)  # a comment behind it stays there
    return Splice(len(text[:start].rstrip(" ")), rest, "\n".join([text[end:rest], *lines]))


def _are_spaced(text: str, section: str, siblings: list[Entry]) -> bool:
    if section == "volumes" and len(siblings) == 1:
        return False
    return entries.are_spaced(text, siblings)


def _step(text: str, root: MappingNode) -> int:
    """Return by how many spaces the file indents the bodies of services, two by default."""
    for section in ("services", "volumes"):
        siblings = entries.own_block(text, root, section)
        if siblings:
            return siblings[0].column - int(root.start_mark.column)
    return 2


def rendered(name: str, block: str, step: int) -> list[str]:
    """Return an entry as lines, its body indented by `step`."""
    lines = _widened(block, step).splitlines() if block else []
    return [f"{name}:", *entries.indented(lines, step)]


def _widened(block: str, step: int) -> str:
    """Return the block with each two spaces of indentation made `step`, if it means the same."""
    wider = re.sub(r"(?m)^(?:  )+", lambda match: " " * (len(match[0]) // 2 * step), block)
    return wider if document.result(wider) == document.parsed(block) else block
