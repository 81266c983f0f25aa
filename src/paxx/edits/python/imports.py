"""Add plain imports to a Python module, and take them out."""

from collections.abc import Collection

from tree_sitter import Node

from paxx.changes import Already, Edited, Outcome, Unable
from paxx.edits.python import module as python_module
from paxx.edits.python import names
from paxx.edits.python.import_order import new_import, without
from paxx.edits.python.module import statements
from paxx.edits.splice import apply, holds
from paxx.edits.syntax_tree import Source, descendants


def add_import(text: str, module: str, uses: Collection[str] = ()) -> Outcome:
    """Add `import <module>`, unless an import makes the module reachable in another form.

    With `uses`, dotted names below the module, it is enough that each of these is reachable:
    `from core.cache import lifespan` does for `core.cache.lifespan`.
    """
    source = python_module.read(text)
    found = names.read(source)
    uses = uses or [f"{module}.any"]
    if all(found.spell(name) for name in uses):
        return Already()
    statement = f"import {module}"
    root = module.partition(".")[0]
    if found.bound.get(root, root) != root or _defines(source, root):
        return Unable(f"the name `{root}` stands for something else in this file", statement)
    edited = apply(text, [new_import(source, statement, module)])
    if holds(lambda: _reaches(edited, uses)):
        return Edited(edited)
    return Unable("there is no safe place for the import", statement)


def remove_import(text: str, module: str, uses: Collection[str] = ()) -> Outcome:
    """Take out `import <module>` where nothing in the file needs it; other forms stay."""
    del uses
    source = python_module.read(text)
    statement = _plain_import(source, module)
    if statement is None:
        is_there = any(_is_below(each, module) for each in names.read(source).bound.values())
        return Already(f"your import of `{module}` stays" if is_there else None)
    root = module.partition(".")[0]
    if _is_used(source, module):
        return Already(f"`{module}` is still used in this file")
    edited = without(source, statement)
    if edited is None:
        return Already(f"`import {module}` has a comment or another statement beside it and stays")
    if not holds(lambda: _binds(edited, root) or not _is_used(source, root)):
        return Unable(f"`{root}` is used in this file and would not be bound", f"import {module}")
    again = remove_import(edited, module)  # a merge may have left it twice
    return again if isinstance(again, Edited) else Edited(edited)


def _plain_import(source: Source, module: str) -> Node | None:
    found = (
        node
        for node in statements(source)
        if node.type == "import_statement" and names.modules(source, node) == [(module, None)]
    )
    return next(found, None)


def _is_below(dotted: str, module: str) -> bool:
    return f"{dotted}.".startswith(f"{module}.")


def _is_used(source: Source, module: str) -> bool:
    return any(
        _is_below(name, module)
        for node in statements(source)
        if not node.type.startswith("import")
        for each in descendants(node)
        if (name := names.dotted(source, each))
    )


def _binds(text: str, name: str) -> bool:
    return name in names.read(python_module.read(text)).bound


def _reaches(text: str, dotted: Collection[str]) -> bool:
    found = names.read(python_module.read(text))
    return all(found.spell(name) for name in dotted)


def _defines(source: Source, name: str) -> bool:
    return any(_defined_name(source, node) == name for node in statements(source))


def _defined_name(source: Source, statement: Node) -> str | None:
    if statement.type.startswith("import"):
        return None
    node = statement.child_by_field_name("left") or statement.child_by_field_name("name")
    return source.of(node) if node else None
