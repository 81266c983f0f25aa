"""Add a block of fields to the Settings class of a Python module."""

import ast
import contextlib
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from tree_sitter import Node

from paxx.changes import Already, Edited, Outcome, Unable
from paxx.edits.python import import_order, names
from paxx.edits.python import module as python_module
from paxx.edits.python.module import bare, body, members
from paxx.edits.python.settings_class import SettingsClass, find
from paxx.edits.splice import (
    Splice,
    after_line,
    apply,
    begins_line,
    comments_above,
    holds,
    indent_unit,
    indentation_at,
    insertion,
    is_blank_before,
    line_end,
    owned_start,
)
from paxx.edits.syntax_tree import Source, descendants

Field = tuple[str, str, str]
"""Name; annotation and default as source text."""

HOMES = {
    "Annotated": "typing",
    "Any": "typing",
    "AnyUrl": "pydantic",
    "Decimal": "decimal",
    "Field": "pydantic",
    "HttpUrl": "pydantic",
    "Literal": "typing",
    "Path": "pathlib",
    "PostgresDsn": "pydantic",
    "RedisDsn": "pydantic",
    "SecretStr": "pydantic",
    "timedelta": "datetime",
}
"""Where the names come from that types and defaults of settings are made of."""

_BRANCHES = {"if_statement", "match_statement", "try_statement", "with_statement"}
_BUILT_IN = {"str", "int", "float", "bool", "list", "dict", "set", "tuple", "None"}


def add_fields(
    text: str, comment: str, fields: Sequence[Field], before: Collection[str] = ()
) -> Outcome:
    """Add those of the fields that the Settings class lacks, as a block under a comment.

    The block goes in front of that of the first field in `before`, or of the first one below a
    heading in it, such as `# Logging`; else behind the last field.
    A field that is there is kept, whatever its type and default. Types from the standard
    library and pydantic are imported where they are not.
    """
    source = python_module.read(text)
    found = find(source)
    snippet = "\n".join([f"# {comment}", *(line_of(field) for field in fields)])
    if isinstance(found, str):
        is_there = assigned(source) >= {field[0] for field in fields}
        return Already() if is_there else Unable(found, snippet)
    present = fields_present(source, found)
    missing = [field for field in fields if field[0] not in present]
    kept = _kept(source, present, fields)
    if not missing:
        return kept
    unbound = _unbound(source, missing)
    if not unbound <= HOMES.keys():
        return Unable("a type of these fields is not imported", snippet)
    asked = {field[0] for field in fields}
    own = [node for name, node in fields_of(source, found.node) if name in asked]
    splice = (
        _beside(source, own[-1], missing)
        if own
        else _block(source, found, missing, comment, before)
    )
    edited = apply(text, [splice])
    if not holds(lambda: _has(edited, found.name, missing)):
        return Unable(f"there is no safe place in `{found.name}`", snippet)
    for name in sorted(unbound):
        edited = import_order.with_name(edited, HOMES[name], name)
    is_right = holds(lambda: not _unbound(python_module.read(edited), missing))
    unsafe = Unable("no safe place for an import", snippet)
    detail = ", ".join(name for name, _, _ in missing) if own else ""
    return Edited(edited, note=kept.note, detail=detail) if is_right else unsafe


def line_of(field: Field) -> str:
    """Return the field as it is written."""
    name, annotation, default = field
    return f"{name}: {annotation} = {default}"


def assigned(source: Source) -> set[str]:
    """Return the names that are assigned somewhere, be it as an attribute such as `self.name`."""
    return {name.rpartition(".")[2] for name, _ in _assignments(source, source.root)}


@lru_cache(maxsize=8)  # an edit asks several times, and a class may have thousands of fields
def fields_of(source: Source, definition: Node) -> tuple[tuple[str, Node], ...]:
    """Return the annotated fields that a class has by itself, with their assignments."""
    found = []
    for node in body(definition):
        if node.type == "assignment" and node.child_by_field_name("type") is not None:
            left = node.child(0)
            if left.type == "identifier":
                found.append((source.of(left), node))
    return tuple(each for each in found if each[0] != "model_config")


def fields_present(source: Source, found: SettingsClass) -> dict[str, Node]:
    """Return the fields that the class has, be it from a base, and their assignments."""
    return {
        name: node
        for definition in reversed(found.lineage)
        for name, node in (*fields_of(source, definition), *_in_branches(source, definition))
    }


def field_default(text: str, name: str) -> str:
    """Return the default of a field of the Settings class where it is a text, else nothing."""
    source = python_module.read(text)
    found = find(source)
    node = None if isinstance(found, str) else fields_present(source, found).get(name)
    right = node.child_by_field_name("right") if node else None
    with contextlib.suppress(SyntaxError, ValueError):
        value = ast.literal_eval(source.of(right)) if right else ""
        return value if isinstance(value, str) else ""
    return ""


def _in_branches(source: Source, definition: Node) -> Iterator[tuple[str, Node]]:
    """Yield what a class assigns in a statement such as `if`, where either branch may count."""
    for statement in members(definition):
        if statement.type in _BRANCHES:
            yield from _assignments(source, statement)


def _assignments(source: Source, node: Node) -> Iterator[tuple[str, Node]]:
    for each in descendants(node):
        left = each.child_by_field_name("left") if each.type == "assignment" else None
        if left is not None:
            yield source.of(left), each


def _kept(source: Source, present: dict[str, Node], fields: Sequence[Field]) -> Already:
    there = [field for field in fields if field[0] in present]
    changed = [field[0] for field in there if not is_same(source, present[field[0]], field)]
    listed = ", ".join(f"`{name}`" for name in changed)
    return Already(f"your type or default of {listed} is kept" if changed else None)


def is_same(source: Source, node: Node, field: Field) -> bool:
    """Tell whether an assignment is that of the field, however it is formatted."""
    try:
        theirs, ours = ast.parse(source.of(node)), ast.parse(line_of(field))
    except SyntaxError:
        return False
    return ast.dump(theirs) == ast.dump(ours)


def needed_names(fields: Sequence[Field]) -> set[str]:
    """Return the names that types and defaults of the fields are made of, built-in ones apart."""
    return {
        node.id
        for field in fields
        for node in ast.walk(ast.parse(line_of(field)))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    } - _BUILT_IN


def _unbound(source: Source, fields: Sequence[Field]) -> set[str]:
    return needed_names(fields) - names.read(source).bound.keys()


def _beside(source: Source, node: Node, missing: Sequence[Field]) -> Splice:
    indent = indentation_at(source.text, source.start(node))
    lines = "\n".join(indent + line_of(field) for field in missing)
    return after_line(source.text, _end(source, node), lines)


def _block(
    source: Source,
    found: SettingsClass,
    missing: Sequence[Field],
    comment: str,
    before: Collection[str],
) -> Splice:
    text, statement = source.text, next(body(found.node))
    first = source.start(statement)
    is_one_line = not begins_line(text, first)
    indent = indentation_at(text, first) + (indent_unit(text) if is_one_line else "")
    block = "\n".join([f"{indent}# {comment}", *(indent + line_of(field) for field in missing)])
    if is_one_line:
        return Splice(len(text[:first].rstrip()), first, f"\n{block}\n\n{indent}")
    fields = fields_of(source, found.node)
    known = ((node, {name, *comments_above(text, source.start(node))}) for name, node in fields)
    later = next((node for node, names in known if not names.isdisjoint(before)), None)
    last = [node for _, node in fields] or _leading(source, found)
    if later is None and last:
        return _below(source, last[-1], block)
    return _above(source, later or statement, block, is_first=later in {None, statement})


def _leading(source: Source, found: SettingsClass) -> list[Node]:
    leading = []
    for node in body(found.node):
        left = node.child_by_field_name("left")
        if node.type != "string" and (left is None or source.of(left) != "model_config"):
            break
        leading.append(node)
    return leading


def _above(source: Source, node: Node, block: str, *, is_first: bool) -> Splice:
    start = owned_start(source.text, source.start(node))
    gap = "" if is_first or is_blank_before(source.text, start) else "\n"
    return insertion(start, f"{gap}{block}\n\n")


def _below(source: Source, node: Node, block: str) -> Splice:
    text, end = source.text, _end(source, node)
    next_line = text.find("\n", end) + 1
    following = text[next_line : line_end(text, next_line)].strip() if next_line else ""
    return after_line(text, end, f"\n{block}" + ("\n" if following else ""))


def _end(source: Source, field: Node) -> int:
    """Return where a field ends, with the string below it that documents it."""
    below = field.parent and field.parent.next_named_sibling
    is_documented = below is not None and bare(below).type == "string"
    return source.end(below if below is not None and is_documented else field)


def _has(text: str, name: str, fields: Sequence[Field]) -> bool:
    source = python_module.read(text)
    found = find(source)
    is_same_class = isinstance(found, SettingsClass) and found.name == name
    present = dict(fields_of(source, found.node)) if isinstance(found, SettingsClass) else {}
    return is_same_class and all(
        each[0] in present and is_same(source, present[each[0]], each) for each in fields
    )
