"""Insert entries into YAML mappings and lists in block style, between their neighbours."""

from dataclasses import dataclass
from itertools import pairwise

from ruamel.yaml.nodes import MappingNode, Node

from paxx.edits.splice import (
    Splice,
    after_line,
    indentation_at,
    insertion,
    line_start,
    owned_start,
)
from paxx.edits.yaml import document


@dataclass(frozen=True, slots=True)
class Entry:
    """A key or list item with all its lines: from `start` on, up to but not including `end`.

    `start` is the offset of the key or dash. Comments that are indented deeper belong to it.
    """

    start: int
    end: int
    column: int


def of(text: str, node: Node) -> list[Entry] | None:
    """Return the entries of a block node; None where it is written elsewhere, as an alias is."""
    nodes = [key for key, _ in node.value] if isinstance(node, MappingNode) else node.value
    starts = [_start(text, each, node) for each in nodes]
    bounds = [*starts, node.end_mark.index]
    if not starts or any(left >= right for left, right in pairwise(bounds)):
        return None
    return [
        Entry(start, _end(text, start, limit), start - line_start(text, start))
        for start, limit in pairwise(bounds)
    ]


def insert(text: str, entries: list[Entry], index: int, lines: list[str], gap: str = "") -> Splice:
    """Return the splice that makes the lines the entry at `index`.

    The lines are indented by as much as the other entries. `gap` is what stands between two.
    """
    block = "\n".join(indented(lines, entries[0].column))
    if index == len(entries):
        return after_line(text, entries[-1].end - 1, gap + block)
    start = owned_start(text, entries[index].start)
    if index > 0:
        start = max(start, entries[index - 1].end)
    return insertion(start, f"{block}\n{gap}")


def indented(lines: list[str], column: int) -> list[str]:
    """Return the lines moved to the right."""
    return [" " * column + line if line else line for line in lines]


def are_spaced(text: str, entries: list[Entry]) -> bool:
    """Tell whether blank lines stand between the entries; a single one is taken for spaced."""
    between = [text[left.end : right.start] for left, right in pairwise(entries)]
    lines = [line for gap in between for line in gap.splitlines()[:-1]]
    return not between or any(not line.strip() for line in lines)


def is_alias(key: Node, value: Node) -> bool:
    """Tell whether the value of a key is written somewhere above it."""
    return bool(value.start_mark.index < key.end_mark.index)


def own_block(text: str, parent: MappingNode, key: str) -> list[Entry] | None:
    """Return the entries of the block node under `key`; None where it is no block of its own."""
    for name, value in parent.value:
        if name.value == key and document.is_block(value) and not is_alias(name, value):
            return of(text, value)
    return None


def key_start(parent: MappingNode, key: str) -> int:
    """Return the offset of a key that the mapping has."""
    starts = (name.start_mark.index for name, _ in parent.value if name.value == key)
    return int(next(starts))


def _start(text: str, node: Node, parent: Node) -> int:
    start = int(node.start_mark.index)
    if isinstance(parent, MappingNode):
        return start
    dash = line_start(text, start) + len(indentation_at(text, start))
    return dash if text[dash] == "-" else -1


def _end(text: str, start: int, limit: int) -> int:
    column = start - line_start(text, start)
    begin = line_start(text, limit)
    end = begin if begin > start and not text[begin:limit].strip(" -") else limit
    while True:
        line = text[line_start(text, end - 1) : end]
        content = line.strip()
        is_deeper = len(line) - len(line.lstrip()) > column
        if content and not (content.startswith("#") and not is_deeper):
            return end
        end = line_start(text, end - 1)
