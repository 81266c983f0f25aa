"""Add items to the list, tuple or dict literals that a Python module assigns to its variables."""

import ast
from collections.abc import Collection
from dataclasses import dataclass

from tree_sitter import Node

from paxx.changes import Already, Edited, Outcome, Unable
from paxx.edits import sequence
from paxx.edits.python import names
from paxx.edits.python.module import read, statements
from paxx.edits.python.names import Names, dotted
from paxx.edits.sequence import Literal
from paxx.edits.splice import apply, holds, indent_unit
from paxx.edits.syntax_tree import Source, descendants

_LISTS = {"list", "tuple"}
_ADDING = {"append", "extend", "insert", "setdefault", "update"}
_CHANGES = {"clear", "pop", "popitem", "remove", "reverse", "sort"} | _ADDING


@dataclass(frozen=True, slots=True)
class _Variable:
    """A literal, its items as nodes, and what each item resolves to."""

    literal: Node
    items: list[Node]
    targets: list[str | None]


def add_item(  # noqa: PLR0913 - each says something else about the one item
    text: str,
    variable: str,
    item: str,
    *,
    key: str | None = None,
    before: Collection[str] = (),
    first: bool = False,
    first_peers: Collection[str] = (),
) -> Outcome:
    """Add a dotted name to the literal assigned to `variable`, under `key` where it is a dict.

    It goes in front of the first item that is one of `before`, else to the end; with `first`,
    behind those of `first_peers` that lead the literal. Items are compared by what they mean
    through the imports. The module of the item has to be imported.
    """
    source = read(text)
    found = names.read(source)
    entry = f'"{key}": ' if key is not None else ""
    snippet = f"# in {variable}\n{entry}{item},"
    literal = _literal(source, variable)
    wanted = _LISTS if key is None else {"dictionary"}
    parsed = None
    if not isinstance(literal, str) and literal.type in wanted:
        parsed = _parse(source, found, literal)
    if parsed is None:
        is_there = _is_mentioned(source, found, variable, item)
        return Already() if is_there else Unable(_why(variable, literal, key), snippet)
    present = _presence(source, found, parsed, item, key)
    if present is not None:
        return present
    spelled, module = names.read(source, parsed.literal).spell(item), item.rpartition(".")[0]
    if spelled is None:
        return Unable(f"`{module}` is not imported above it", f"import {module}\n\n{snippet}")
    index = _index(parsed.targets, before, first_peers if first else None)
    edited = _insert(source, parsed, index, entry + spelled)
    expected = [*parsed.targets[:index], item, *parsed.targets[index:]]
    is_right = holds(lambda: _targets(edited, variable) == expected)
    return Edited(edited) if is_right else Unable(f"no safe place in `{variable}`", snippet)


def remove_item(  # noqa: PLR0913 - the arguments are those of `add_item`
    text: str,
    variable: str,
    item: str,
    *,
    key: str | None = None,
    before: Collection[str] = (),
    first: bool = False,
    first_peers: Collection[str] = (),
) -> Outcome:
    """Take out what `add_item` puts in; an entry that is more than that stays."""
    del before, first, first_peers
    source = read(text)
    found = names.read(source)
    literal = _literal(source, variable)
    parsed = None if isinstance(literal, str) else _parse(source, found, literal)
    if parsed is None:
        is_there = _is_mentioned(source, found, variable, item)
        return Unable(_why(variable, literal, key), item) if is_there else Already()
    entries = list(zip(parsed.items, parsed.targets, strict=True))
    places = [i for i, (node, target) in enumerate(entries) if target == item]
    index = next((i for i in places if _key(source, parsed.items[i]) == key), None)
    if index is None:
        return _presence(source, found, parsed, item, key) or Already()
    edited = _without(source, parsed, index)
    if edited is None:
        return Already(f"`{item}` in `{variable}` has a comment of yours and stays")
    expected = [*parsed.targets[:index], *parsed.targets[index + 1 :]]
    is_right = holds(lambda: _targets(edited, variable) == expected)
    return Edited(edited) if is_right else Unable(f"it cannot be cut out of `{variable}`", item)


def _why(variable: str, literal: Node | str, key: str | None) -> str:
    if isinstance(literal, str):
        return literal
    kind = "list or tuple" if key is None else "dict"
    return f"`{variable}` is computed, not written as a {kind} of single items"


def _is_mentioned(source: Source, found: Names, variable: str, item: str) -> bool:
    """Tell whether what is assigned to the variable, or passed to a method of it, has the item."""
    for node in descendants(source.root):
        head = node.child_by_field_name("left") or node.child_by_field_name("function")
        if head is not None and head.type == "subscript":
            head = head.named_children[0]
        name = (head and dotted(source, head)) or ""
        if name.partition(".")[0] == variable and _names(source, found, node, item):
            return True
    return False


def _names(source: Source, found: Names, node: Node, item: str) -> bool:
    """Tell whether the item is named in the node; the last part of another name is not it."""
    return any(
        _resolved(source, found, each) == item
        for each in descendants(node)
        if not (each.parent and each.parent.child_by_field_name("attribute") == each)
    )


def _literal(source: Source, variable: str) -> Node | str:
    assigned = [
        node
        for node in descendants(source.root)
        if node.type in {"assignment", "augmented_assignment"}
        and _is_name(source, node.child_by_field_name("left"), variable)
    ]
    top = [node for node in statements(source) if node in assigned]
    value = top[0].child_by_field_name("right") if top else None
    if value is None:
        return f"there is no `{variable} = …` at the top level"
    if len(assigned) > 1 or _is_changed(source, variable):
        return f"`{variable}` is changed in several places"
    return value


def _is_name(source: Source, node: Node | None, name: str) -> bool:
    return node is not None and node.type == "identifier" and source.of(node) == name


def _is_changed(source: Source, variable: str) -> bool:
    calls = {f"{variable}.{method}" for method in _CHANGES}
    for node in descendants(source.root):
        if node.type == "attribute" and dotted(source, node) in calls:
            return True
        if node.type in {"assignment", "augmented_assignment", "delete_statement"}:
            target = node.child_by_field_name("left") or node.named_children[0]
            owner = target.child_by_field_name("value") if target.type == "subscript" else None
            if _is_name(source, owner, variable):
                return True
    return False


def _parse(source: Source, found: Names, literal: Node) -> _Variable | None:
    items = [node for node in literal.named_children if node.type != "comment"]
    if any(node.type in {"list_splat", "dictionary_splat"} for node in items):
        return None
    values = [node.child_by_field_name("value") if node.type == "pair" else node for node in items]
    return _Variable(literal, items, [_resolved(source, found, node) for node in values if node])


def _resolved(source: Source, found: Names, node: Node) -> str | None:
    while node.type == "parenthesized_expression":
        node = node.named_children[0]
    name = dotted(source, node)
    return name and found.resolve(name)


def _presence(
    source: Source, found: Names, parsed: _Variable, item: str, key: str | None
) -> Already | None:
    for node, target in zip(parsed.items, parsed.targets, strict=True):
        own_key = _key(source, node)
        if target == item and own_key == key:
            return Already()
        if own_key is not None and own_key == key:
            return Already(f"your entry for `{key}` is kept")
        if _names(source, found, node, item):
            return Already(f"`{item}` is in `{' '.join(source.of(node).split())}` already")
    return None


def _key(source: Source, item: Node) -> str | None:
    node = item.child_by_field_name("key") if item.type == "pair" else None
    if node is None or node.type != "string":
        return None
    try:
        value = ast.literal_eval(source.of(node))
    except (SyntaxError, ValueError):
        return None
    return value if isinstance(value, str) else None


def _index(
    targets: list[str | None], before: Collection[str], first_peers: Collection[str] | None
) -> int:
    if first_peers is not None:
        leading = (i for i, target in enumerate(targets) if target not in first_peers)
        return next(leading, len(targets))
    later = (i for i, target in enumerate(targets) if target in before)
    return next(later, len(targets))


def _insert(source: Source, parsed: _Variable, index: int, item: str) -> str:
    unit = indent_unit(source.text)
    literal = _spans(source, parsed)
    return apply(source.text, sequence.insert(source.text, literal, index, item, unit))


def _without(source: Source, parsed: _Variable, index: int) -> str | None:
    is_pair = parsed.literal.type == "tuple" and len(parsed.items) == 2
    literal = _spans(source, parsed)
    splices = sequence.remove(source.text, literal, index, keeps_comma=is_pair)
    return None if splices is None else apply(source.text, splices)


def _spans(source: Source, parsed: _Variable) -> Literal:
    return Literal(
        start=source.start(parsed.literal) + 1,
        end=source.end(parsed.literal) - 1,
        items=tuple(source.span(node) for node in parsed.items),
    )


def _targets(text: str, variable: str) -> list[str | None]:
    source = read(text)
    literal = _literal(source, variable)
    parsed = None if isinstance(literal, str) else _parse(source, names.read(source), literal)
    return [] if parsed is None else parsed.targets
