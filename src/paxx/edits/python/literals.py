"""Read the list, tuple or dict literals that a Python module assigns to its variables."""

import ast
from dataclasses import dataclass

from tree_sitter import Node

from paxx.edits.python import names
from paxx.edits.python.module import read, statements
from paxx.edits.python.names import Names, dotted
from paxx.edits.sequence import Literal
from paxx.edits.syntax_tree import Source, descendants

_ADDING = {"append", "extend", "insert", "setdefault", "update"}
_CHANGES = {"clear", "pop", "popitem", "remove", "reverse", "sort"} | _ADDING


@dataclass(frozen=True, slots=True)
class Variable:
    """A literal, its items as nodes, and what each item resolves to."""

    literal: Node
    items: list[Node]
    targets: list[str | None]


def why(variable: str, literal: Node | str, key: str | None) -> str:
    """Return why nothing can be done to what is assigned to the variable."""
    if isinstance(literal, str):
        return literal
    kind = "list or tuple" if key is None else "dict"
    return f"`{variable}` is computed, not written as a {kind} of single items"


def is_mentioned(source: Source, found: Names, variable: str, item: str) -> bool:
    """Tell whether what is assigned to the variable, or passed to a method of it, has the item."""
    for node in descendants(source.root):
        head = node.child_by_field_name("left") or node.child_by_field_name("function")
        if head is not None and head.type == "subscript":
            head = head.named_children[0]
        name = (head and dotted(source, head)) or ""
        if name.partition(".")[0] == variable and mentions(source, found, node, item):
            return True
    return False


def mentions(source: Source, found: Names, node: Node, item: str) -> bool:
    """Tell whether the item is named in the node; the last part of another name is not it."""
    return any(
        _resolved(source, found, each) == item
        for each in descendants(node)
        if not (each.parent and each.parent.child_by_field_name("attribute") == each)
    )


def find(source: Source, variable: str) -> Node | str:
    """Return the literal assigned to a variable, or why it is not clear which one it is."""
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


def parse(source: Source, found: Names, literal: Node) -> Variable | None:
    """Return what the literal consists of; None where some of it is computed."""
    items = [node for node in literal.named_children if node.type != "comment"]
    if any(node.type in {"list_splat", "dictionary_splat"} for node in items):
        return None
    values = [node.child_by_field_name("value") if node.type == "pair" else node for node in items]
    return Variable(literal, items, [_resolved(source, found, node) for node in values if node])


def _resolved(source: Source, found: Names, node: Node) -> str | None:
    while node.type == "parenthesized_expression":
        node = node.named_children[0]
    name = dotted(source, node)
    return name and found.resolve(name)


def key_of(source: Source, item: Node) -> str | None:
    """Return the key of an item of a dict, where it is a plain string."""
    node = item.child_by_field_name("key") if item.type == "pair" else None
    if node is None or node.type != "string":
        return None
    try:
        value = ast.literal_eval(source.of(node))
    except (SyntaxError, ValueError):
        return None
    return value if isinstance(value, str) else None


def spans(source: Source, parsed: Variable) -> Literal:
    """Return where the items are."""
    return Literal(
        start=source.start(parsed.literal) + 1,
        end=source.end(parsed.literal) - 1,
        items=tuple(source.span(node) for node in parsed.items),
    )


def targets_of(text: str, variable: str) -> list[str | None]:
    """Return what the items resolve to; nothing where that is computed."""
    source = read(text)
    literal = find(source, variable)
    parsed = None if isinstance(literal, str) else parse(source, names.read(source), literal)
    return [] if parsed is None else parsed.targets
