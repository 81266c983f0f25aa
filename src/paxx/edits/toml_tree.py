"""Locate tables, pairs and items of arrays in a TOML file by its syntax tree."""

import re

import tree_sitter_toml
from tree_sitter import Language, Node

from paxx.edits import syntax_tree
from paxx.edits.syntax_tree import Source, descendants

_LANGUAGE = Language(tree_sitter_toml.language())
Path = tuple[str, ...]
"""The keys that lead to a value."""


def parse(text: str) -> Source:
    """Return the text with its tree."""
    return syntax_tree.parse(text, _LANGUAGE)


def pairs(source: Source) -> list[tuple[Path, Node]]:
    """Return every pair of the document with its full path, outside of arrays of tables."""
    found = []
    for child in source.root.named_children:
        if child.type == "pair":
            found.append((keys(source, child), child))
        elif child.type == "table":
            above = keys(source, child)
            own = [node for node in child.named_children if node.type == "pair"]
            found += [(above + keys(source, node), node) for node in own]
    return found


def value(source: Source, path: Path) -> Node | None:
    """Return what is written at a path, also in an inline table."""
    for found, node in pairs(source):
        written = items(node)[-1]  # a comment behind it is a child, too
        if found == path:
            return written
        if written.type == "inline_table" and path[: len(found)] == found:
            for pair in written.named_children:
                if pair.type == "pair" and found + keys(source, pair) == path:
                    return items(pair)[-1]
    return None


def header(source: Source, pair: Node) -> Path:
    """Return the keys of the table that a pair stands in, nothing at the top."""
    parent = pair.parent
    return keys(source, parent) if parent is not None and parent.type == "table" else ()


def keys(source: Source, node: Node) -> Path:
    """Return the keys of a pair or of the header of a table."""
    parts = [each for each in descendants(node.named_children[0]) if each.type != "dotted_key"]
    found = [each for each in parts if each.type in {"bare_key", "quoted_key"}]
    return tuple(source.of(each).strip("\"'") for each in found)


def items(node: Node) -> list[Node]:
    """Return what a node consists of, without comments."""
    return [each for each in node.named_children if each.type != "comment"]


def unit(source: Source) -> str:
    """Return the indentation of the items of arrays in the file, four spaces by default."""
    found = re.search(r"\[\s*?\n([ \t]+)[\"'#]", source.text)
    return found[1] if found else "    "
