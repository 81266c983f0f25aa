"""Read the list, tuple or dict literals that a Python module assigns to its variables.

A variable is one of the module, or one of a class of the module: `WorkerSettings.functions`.
"""

import ast
from dataclasses import dataclass

from tree_sitter import Node

from paxx.edits import sequence
from paxx.edits.python import names
from paxx.edits.python.module import body, classes, read, statements
from paxx.edits.python.names import Names, dotted
from paxx.edits.syntax_tree import Source, descendants

_ADDING = {"append", "extend", "insert", "setdefault", "update"}
_CHANGES = {"clear", "pop", "popitem", "remove", "reverse", "sort"} | _ADDING


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal and its items as nodes; of each item its key and what it resolves to."""

    node: Node
    items: list[Node]
    entries: list[tuple[str | None, str | None]]

    @property
    def targets(self) -> list[str | None]:
        """Return what the items resolve to, None for what is no name."""
        return [target for _, target in self.entries]


def find(source: Source, variable: str, *, is_dict: bool) -> Literal | str:
    """Return what is assigned to a variable, or why that is not clear."""
    node = _assigned(source, variable)
    if isinstance(node, str):
        return node
    is_right_kind = node.type == "dictionary" if is_dict else node.type in {"list", "tuple"}
    items = [each for each in node.named_children if each.type != "comment"]
    if not is_right_kind or any(each.type.endswith("_splat") for each in items):
        kind = "dict" if is_dict else "list or tuple"
        return f"`{variable}` is computed, not written as a {kind} of single items"
    found = names.read(source)
    return Literal(node, items, [_entry(source, found, each) for each in items])


def spans(source: Source, literal: Literal) -> sequence.Literal:
    """Return where the items are."""
    return sequence.Literal(
        start=source.start(literal.node) + 1,
        end=source.end(literal.node) - 1,
        items=tuple(source.span(node) for node in literal.items),
    )


def has(text: str, variable: str, entries: list[tuple[str | None, str | None]]) -> bool:
    """Tell whether a module assigns exactly these entries, keys and names, to the variable."""
    source = read(text)
    found = (find(source, variable, is_dict=is_dict) for is_dict in (False, True))
    return any(isinstance(each, Literal) and each.entries == entries for each in found)


def is_mentioned(source: Source, variable: str, item: str) -> bool:
    """Tell whether what is assigned to the variable, or passed to a method of it, has the item."""
    for node in descendants(source.root):
        head = node.child_by_field_name("left") or node.child_by_field_name("function")
        if head is not None and head.type == "subscript":
            head = head.named_children[0]
        name = (head and dotted(source, head)) or ""
        is_of = any(f"{name}.".startswith(f"{each}.") for each in (variable, _own_name(variable)))
        if is_of and mentions(source, node, item):
            return True
    return False


def mentions(source: Source, node: Node, item: str) -> bool:
    """Tell whether the item is named in the node; the last part of another name is not it."""
    found = names.read(source)
    return any(
        _resolved(source, found, each) == item
        for each in descendants(node)
        if not (each.parent and each.parent.child_by_field_name("attribute") == each)
    )


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
            if owner is not None and dotted(source, owner) == variable:
                return True
            if "." in variable and dotted(source, target) == variable:
                return True
    return False


def _resolved(source: Source, found: Names, node: Node) -> str | None:
    while node.type == "parenthesized_expression":
        node = node.named_children[0]
    name = dotted(source, node)
    return name and found.resolve(name)


def _assigned(source: Source, variable: str) -> Node | str:
    scope, block = _block(source, variable)
    assigned = [
        node
        for node in descendants(scope)
        if node.type in {"assignment", "augmented_assignment"}
        and _is_name(source, node.child_by_field_name("left"), _own_name(variable))
    ]
    top = [node for node in block if node in assigned]
    value = top[0].child_by_field_name("right") if top else None
    if value is None:
        return f"there is no `{variable} = …` at the top level"
    if len(assigned) > 1 or _is_changed(source, variable):
        return f"`{variable}` is changed in several places"
    return value


def _block(source: Source, variable: str) -> tuple[Node, list[Node]]:
    """Return where a variable may be assigned, and the statements of which one should do so."""
    owner = variable.rpartition(".")[0]
    if not owner:
        return source.root, statements(source)
    definition = next((node for name, node in classes(source) if name == owner), None)
    return (definition, list(body(definition))) if definition else (source.root, [])


def _own_name(variable: str) -> str:
    return variable.rpartition(".")[2]


def _entry(source: Source, found: Names, item: Node) -> tuple[str | None, str | None]:
    value = item.child_by_field_name("value") if item.type == "pair" else item
    return _key(source, item), _resolved(source, found, value or item)


def _key(source: Source, item: Node) -> str | None:
    node = item.child_by_field_name("key") if item.type == "pair" else None
    if node is None or node.type != "string":
        return None
    try:
        value = ast.literal_eval(source.of(node))
    except (SyntaxError, ValueError):
        return None
    return value if isinstance(value, str) else None
