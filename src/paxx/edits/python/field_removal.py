"""Take a block of fields out of the Settings class of a Python module."""

from collections.abc import Collection, Sequence

from tree_sitter import Node

from paxx.changes import Already, Edited, Outcome
from paxx.edits.python import import_order
from paxx.edits.python import module as python_module
from paxx.edits.python.fields import HOMES, Field, fields_of, is_same, needed_names
from paxx.edits.python.module import bare
from paxx.edits.python.settings_class import find
from paxx.edits.splice import apply, begins_line, block_deletions, holds, line_end
from paxx.edits.syntax_tree import Source, descendants


def remove_fields(
    text: str, comment: str, fields: Sequence[Field], before: Collection[str] = ()
) -> Outcome:
    """Take out those of the fields that are as `add_fields` writes them, comments apart.

    With the last of them goes the heading comment, and with their types the imports that
    nothing else uses.
    """
    del before
    source = python_module.read(text)
    found = find(source)
    present = {} if isinstance(found, str) else dict(fields_of(source, found.node))
    wanted = {field[0]: field for field in fields}
    there = [name for name in wanted if name in present]
    ours = [present[name] for name in there if _is_ours(source, present[name], wanted[name])]
    if not ours:
        listed = ", ".join(f"`{name}`" for name in there)
        return Already(f"your {listed} is not as it was added, and stays" if there else None)
    spans = [source.span(node) for node in ours]
    edited = apply(text, block_deletions(text, spans, f"# {comment}"))
    for name in sorted(needed_names(fields) & HOMES.keys()):
        edited = _without_unused(edited, HOMES[name], name)
    left = fields_of_class(edited, found.name) if not isinstance(found, str) else []
    expected = [name for name in present if present[name] not in ours]
    return Edited(edited) if left == expected else Already("they cannot be cut out")


def fields_of_class(text: str, name: str) -> list[str] | None:
    """Return the names of the fields of the Settings class; None where it is another one."""
    names: list[str] | None = None

    def read() -> bool:
        nonlocal names
        source = python_module.read(text)
        found = find(source)
        if not isinstance(found, str) and found.name == name:
            names = [field for field, _ in fields_of(source, found.node)]
        return names is not None

    return names if holds(read) else None


def _is_ours(source: Source, node: Node, field: Field) -> bool:
    """Tell whether the field is as it was added: alone on its lines, without comment or string."""
    start, end = source.span(node)
    rest = source.text[end : line_end(source.text, end)]
    below = node.parent and node.parent.next_named_sibling
    is_documented = below is not None and bare(below).type == "string"
    is_alone = begins_line(source.text, start) and not rest.strip() and not is_documented
    has_comment = any(each.type == "comment" for each in descendants(node))
    return is_alone and not has_comment and is_same(source, node, field)


def _without_unused(text: str, module: str, name: str) -> str:
    source = python_module.read(text)
    uses = sum(
        node.type == "identifier" and source.of(node) == name for node in descendants(source.root)
    )
    return import_order.without_name(text, module, name) if uses == 1 else text
