"""Locate things in a text by its syntax tree, with offsets that count characters."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tree_sitter import Language, Node, Parser, Tree


@dataclass(frozen=True, slots=True)
class Source:
    """A text and its syntax tree, which has error nodes where the text does not parse."""

    text: str
    data: bytes
    tree: Tree
    root: Node

    def start(self, node: Node) -> int:
        """Return the offset of the first character of the node."""
        return self._characters(node.start_byte)

    def end(self, node: Node) -> int:
        """Return the offset behind the last character of the node."""
        return self._characters(node.end_byte)

    def span(self, node: Node) -> tuple[int, int]:
        """Return both offsets of the node."""
        return self.start(node), self.end(node)

    def of(self, node: Node) -> str:
        """Return the text of the node."""
        return self.data[node.start_byte : node.end_byte].decode()

    def _characters(self, offset: int) -> int:
        return len(self.data[:offset].decode())


@dataclass(frozen=True, slots=True)
class Difference:
    """Outside of `start` to `old_end` and `start` to `new_end` the two are the same; in bytes."""

    start: int
    old_end: int
    new_end: int


def parse(text: str, language: Language, known: Source | None = None) -> Source:
    """Return the text with its tree; that of a text that hardly differs makes it faster."""
    data, parser = text.encode(), Parser(language)
    tree = parser.parse(data, _edited(known, data)) if known else parser.parse(data)
    return Source(text, data, tree, tree.root_node)


def _edited(known: Source, data: bytes) -> Tree:
    """Return a copy of the tree with all that is behind the difference where it is now."""
    place = difference(known.data, data)
    tree = known.tree.copy()
    tree.edit(
        place.start,
        place.old_end,
        place.new_end,
        _point(known.data, place.start),
        _point(known.data, place.old_end),
        _point(data, place.new_end),
    )
    return tree


def _point(data: bytes, offset: int) -> tuple[int, int]:
    """Return the row and the column of an offset, as tree-sitter counts them."""
    return data.count(b"\n", 0, offset), offset - (data.rfind(b"\n", 0, offset) + 1)


def descendants(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it, in the order of the text."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting += reversed(current.children)


def difference(old: bytes, new: bytes) -> Difference:
    """Return the one place where two texts differ, which may hold several changes."""
    before, after, shorter = len(old), len(new), min(len(old), len(new))

    def begins(low: int, high: int) -> bool:
        return old[low:high] == new[low:high]

    def ends(low: int, high: int) -> bool:
        return old[before - high : before - low] == new[after - high : after - low]

    start = _longest(shorter, begins)
    same = _longest(shorter - start, ends)
    return Difference(start, before - same, after - same)


def _longest(limit: int, is_same: Callable[[int, int], bool]) -> int:
    """Return how far two texts are the same; what is tried grows less and less."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if is_same(low, middle):
            low = middle
        else:
            high = middle - 1
    return low
