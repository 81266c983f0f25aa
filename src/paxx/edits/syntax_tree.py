"""Locate things in a text by its syntax tree, with offsets that count characters."""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Language, Node, Parser


@dataclass(frozen=True, slots=True)
class Source:
    """A text and its syntax tree, which has error nodes where the text does not parse."""

    text: str
    data: bytes
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


def parse(text: str, language: Language) -> Source:
    """Return the text with its tree."""
    data = text.encode()
    return Source(text, data, Parser(language).parse(data).root_node)


def descendants(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it, in the order of the text."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting += reversed(current.children)
