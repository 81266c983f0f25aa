"""Place imports where isort and ruff would: by section, plain ones first, by module."""

import re
import sys
from collections.abc import Iterator

from tree_sitter import Node

from paxx.edits import sequence
from paxx.edits.python import names
from paxx.edits.python.module import read, statements
from paxx.edits.sequence import Literal
from paxx.edits.splice import (
    Splice,
    after_line,
    apply,
    begins_line,
    deletion,
    holds,
    indent_unit,
    insertion,
    is_blank_before,
    line_end,
    line_start,
    owned_start,
    paragraph_deletion,
)
from paxx.edits.syntax_tree import Source

FIRST_PARTY = frozenset({"core", "db", "features", "main", "settings", "wiring"})
"""The top-level modules of a generated project."""

_IMPORTS = {"import_statement", "import_from_statement", "future_import_statement"}
_Key = tuple[int, bool, str]


def new_import(source: Source, statement: str, module: str) -> Splice:
    """Return the splice that adds the import `statement` of `module` at its place."""
    ours = _key(module, plain=statement.startswith("import "))
    ordered = [(_key_of(source, node), node) for node in _header(source) if node.type in _IMPORTS]
    section = [(key, node) for key, node in ordered if key[0] == ours[0]]
    smaller = [node for key, node in section if key < ours]
    if smaller:
        return after_line(source.text, source.end(smaller[-1]), statement)
    if section:
        return insertion(_above_import(source, section[0][1]), f"{statement}\n")
    earlier = [node for key, node in ordered if key < ours]
    if earlier:
        return after_line(source.text, source.end(earlier[-1]), f"\n{statement}")
    return _first_import(source, statement)


def with_name(text: str, module: str, name: str) -> str:
    """Return the text with `name` imported from `module`, in its import where it has one."""
    source = read(text)
    statement = next(_imports_from(source, module), None)
    if statement is None:
        return apply(text, [new_import(source, f"from {module} import {name}", module)])
    return apply(text, _extended(source, statement, name))


def without_name(text: str, module: str, name: str) -> str:
    """Return the text without `name` imported from `module`, unless a comment is at it."""
    source = read(text)
    for statement in _imports_from(source, module):
        imported = [source.of(node) for node in statement.children_by_field_name("name")]
        if imported == [name]:
            return without(source, statement) or text
        if name in imported:
            return _shortened(source, statement, imported.index(name))
    return text


def _shortened(source: Source, statement: Node, index: int) -> str:
    splices = sequence.remove(source.text, _items(source, statement), index)
    edited = apply(source.text, splices or [])
    return edited if holds(lambda: read(edited) is not None) else source.text


def without(source: Source, statement: Node) -> str | None:
    """Return the text without an import and the blank lines that set it off.

    None where something else, such as a comment, stands on its line or right above it.
    """
    text, (start, end) = source.text, source.span(statement)
    if not begins_line(text, start) or text[end : line_end(text, end)].strip():
        return None
    first = line_start(text, start)
    has_comment = line_start(text, owned_start(text, start)) < first
    if has_comment and owned_start(text, start) > 0:
        return None
    is_apart = is_blank_before(text, start) or first == _preamble_end(text)
    if not is_apart or _has_section(source, statement):
        return apply(text, [deletion(text, start, end)])
    found = statements(source)
    if found[0] != statement or len(found) == 1:
        return apply(text, [paragraph_deletion(text, start, end)])
    lines, gap = deletion(text, start, end), _gap(found[1])
    below = re.compile(rf"(?:[ \t]*\r?\n){{0,{len(gap)}}}").match(text, lines.end)
    return apply(text, [Splice(lines.start, below.end() if below else lines.end, "")])


def _has_section(source: Source, statement: Node) -> bool:
    """Tell whether the import stands beside others of its section."""
    others = [node for node in _header(source) if node.type in _IMPORTS and node != statement]
    section, _, _ = _key_of(source, statement)
    return any(_key_of(source, node)[0] == section for node in others)


def _imports_from(source: Source, module: str) -> Iterator[Node]:
    for node in _header(source):
        is_from = node.type == "import_from_statement" and node.children_by_field_name("name")
        if is_from and names.module_of(source, node) == module:
            yield node


def _items(source: Source, statement: Node) -> Literal:
    nodes = statement.children_by_field_name("name")
    brackets = {node.type: node for node in statement.children if node.type in {"(", ")"}}
    return Literal(
        start=source.end(brackets["("]) if brackets else source.start(nodes[0]),
        end=source.start(brackets[")"]) if brackets else source.end(statement),
        items=tuple(source.span(node) for node in nodes),
    )


def _extended(source: Source, statement: Node, name: str) -> list[Splice]:
    nodes = statement.children_by_field_name("name")
    literal = _items(source, statement)
    order = [_name_order(source.of(node)) for node in nodes]
    smaller = (index + 1 for index, each in enumerate(order) if each < _name_order(name))
    index = max(smaller, default=0)
    return sequence.insert(source.text, literal, index, name, indent_unit(source.text))


def _name_order(name: str) -> tuple[int, str]:
    kind = 0 if name.isupper() else 1 if name[0].isupper() else 2
    return kind, name.lower()


def _key(module: str, *, plain: bool) -> _Key:
    return _section(module), not plain, module.lower()


def _key_of(source: Source, node: Node) -> _Key:
    if node.type == "import_statement":
        return _key(names.modules(source, node)[0][0], plain=True)
    return _key(names.module_of(source, node), plain=False)


def _section(module: str) -> int:
    root = module.partition(".")[0]
    if root == "__future__":
        return 0
    if root in sys.stdlib_module_names:
        return 1
    if root in FIRST_PARTY:
        return 3
    return 2 if root else 4


def _header(source: Source) -> list[Node]:
    header: list[Node] = []
    for index, node in enumerate(statements(source)):
        is_docstring = index == 0 and node.type == "string"
        if not is_docstring and node.type not in {*_IMPORTS, "try_statement", "if_statement"}:
            break
        header.append(node)
    return header


def _first_import(source: Source, statement: str) -> Splice:
    found = statements(source)
    if not found:
        if not source.text:
            return insertion(0, f"{statement}\n")
        return after_line(source.text, len(source.text.removesuffix("\n")), f"\n{statement}")
    if found[0].type != "string":
        return insertion(_above(source, found[0]), f"{statement}\n{_gap(found[0])}")
    end = line_end(source.text, source.end(found[0]))
    is_spaced = not re.match(r"\r?\n[ \t]*\S", source.text[end:])
    return after_line(source.text, end, f"\n{statement}" + ("" if is_spaced else "\n"))


def _above_import(source: Source, node: Node) -> int:
    start = owned_start(source.text, source.start(node))
    # A comment that the file begins with speaks of the file, not of its first import.
    return start if start > 0 else line_start(source.text, source.start(node))


def _above(source: Source, node: Node) -> int:
    return max(owned_start(source.text, source.start(node)), _preamble_end(source.text))


def _preamble_end(text: str) -> int:
    preamble = re.match(r"(?:#!.*\n)?(?:#.*coding[:=].*\n)?", text)
    return preamble.end() if preamble else 0


def _gap(statement: Node) -> str:
    """Return what a formatter leaves blank between the imports and the first other statement."""
    return "\n\n" if "definition" in statement.type else "\n"
