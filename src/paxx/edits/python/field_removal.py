"""Take a block of fields out of the Settings class of a Python module."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from tree_sitter import Node

from paxx.changes import Already, Edited, Outcome, Unable
from paxx.edits.python import import_order
from paxx.edits.python import module as python_module
from paxx.edits.python.fields import (
    HOMES,
    Field,
    assigned,
    fields_of,
    is_same,
    line_of,
    needed_names,
)
from paxx.edits.python.module import bare
from paxx.edits.python.settings_class import SettingsClass, find
from paxx.edits.splice import (
    apply,
    begins_line,
    block_deletions,
    holds,
    is_blank_before,
    line_end,
    line_start,
)
from paxx.edits.syntax_tree import Source, descendants


def remove_fields(
    text: str, comment: str, fields: Sequence[Field], before: Collection[str] = ()
) -> Outcome:
    """Take out those of the fields that are as `add_fields` writes them, however formatted.

    A field that is there twice, in a base class, with a comment at it or with a string below it
    is the user's. With the last field goes the heading comment, and with their types the imports
    that nothing else uses.
    """
    del before
    source = python_module.read(text)
    found = find(source)
    if isinstance(found, str):
        there = [field for field in fields if field[0] in assigned(source)]
        return Unable(found, "\n".join(map(line_of, there))) if there else Already()
    present = dict(fields_of(source, found.node))
    names = Counter(name for each in found.lineage for name, _ in fields_of(source, each))
    there = [field for field in fields if field[0] in names]
    ours = [
        field
        for field in there
        if names[field[0]] == 1
        and field[0] in present
        and _is_ours(source, present[field[0]], field, f"# {comment}")
    ]
    if not ours:
        return _kept(there)
    spans = [source.span(present[name]) for name, _, _ in ours]
    edited = apply(text, block_deletions(text, spans, f"# {comment}"))
    gone = {field[0] for field in ours}
    expected = [name for name, _ in fields_of(source, found.node) if name not in gone]
    if not holds(lambda: _has_exactly(edited, found.name, expected)):
        snippet = "\n".join(line_of(field) for field in ours)
        return Unable(f"`{found.name}` would be empty or another class without them", snippet)
    for name in sorted(needed_names(ours) & HOMES.keys()):
        edited = _without_unused(edited, HOMES[name], name)
    return Edited(edited, tuple(field[0] for field in there if field[0] not in gone))


def _kept(there: Sequence[Field]) -> Already:
    listed = " and ".join(f"`{field[0]}`" for field in there)
    stays = "is changed and stays" if len(there) == 1 else "are changed and stay"
    return Already(f"your {listed} {stays}" if there else None)


def _is_ours(source: Source, node: Node, field: Field, heading: str) -> bool:
    """Tell whether the field is as it was added: alone on its lines, nothing said about it."""
    text, (start, end) = source.text, source.span(node)
    above = text[: line_start(text, start)].rstrip("\r\n").rpartition("\n")[2].strip()
    is_noted = above.startswith("#") and above != heading and not is_blank_before(text, start)
    below = node.parent and node.parent.next_named_sibling
    is_documented = below is not None and bare(below).type == "string"
    is_alone = begins_line(text, start) and not text[end : line_end(text, end)].strip()
    has_comment = any(each.type == "comment" for each in descendants(node))
    is_plain = is_alone and not (is_noted or is_documented or has_comment)
    return is_plain and is_same(source, node, field)


def _has_exactly(text: str, name: str, fields: Sequence[str]) -> bool:
    source = python_module.read(text)
    found = find(source)
    is_same_class = isinstance(found, SettingsClass) and found.name == name
    left = fields_of(source, found.node) if isinstance(found, SettingsClass) else []
    return is_same_class and [field for field, _ in left] == fields


def _without_unused(text: str, module: str, name: str) -> str:
    """Return the text without the import of a name that no code and no string mentions."""
    word = re.compile(rf"\b{name}\b")
    lines = (line.partition("#")[0] for line in text.split("\n") if name in line)
    if len(list(filter(word.search, lines))) > 1:
        return text  # found without looking at each node of a long file
    source = python_module.read(text)
    mentions = [
        node
        for node in descendants(source.root)
        if node.type in {"identifier", "string_content"} and word.search(source.of(node))
    ]
    return import_order.without_name(text, module, name) if len(mentions) == 1 else text
