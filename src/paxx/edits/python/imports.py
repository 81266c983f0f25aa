"""Add plain imports to a Python module, and take them out."""

from collections.abc import Collection

from tree_sitter import Node

from paxx.changes import Already, Edited, Outcome, Unable
from paxx.edits.python import module as python_module
from paxx.edits.python import names
from paxx.edits.python.import_order import new_import
from paxx.edits.python.module import statements
from paxx.edits.splice import apply, begins_line, deletion, holds, line_end
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
        return Already()
    if _mentions(source, module):
        return Already(f"`{module}` is still used in this file")
    end = line_end(text, source.end(statement))
    if text[source.end(statement) : end].strip() or not begins_line(text, source.start(statement)):
        return Already(f"more than `import {module}` stands in that line")
    edited = apply(text, [deletion(text, source.start(statement), source.end(statement))])
    return Edited(edited) if holds(lambda: _parses(edited)) else Already("it cannot be cut out")


def _plain_import(source: Source, module: str) -> Node | None:
    found = (
        node
        for node in statements(source)
        if node.type == "import_statement" and names.modules(source, node) == [(module, None)]
    )
    return next(found, None)


def _mentions(source: Source, module: str) -> bool:
    return any(
        f"{name}.".startswith(f"{module}.")
        for node in statements(source)
        if not node.type.startswith("import")
        for each in descendants(node)
        if (name := names.dotted(source, each))
    )


def _parses(text: str) -> bool:
    python_module.read(text)
    return True


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
