"""Resolve names through the imports of a module: `cache.ready` means `core.cache.ready`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from paxx.edits.python.module import statements
from paxx.edits.syntax_tree import Source


@dataclass(frozen=True, slots=True)
class Names:
    """What the imports of a module bind: local names to dotted ones, and the modules loaded."""

    bound: dict[str, str]
    loaded: frozenset[str]

    def resolve(self, dotted: str) -> str:
        """Return what a local dotted name stands for; itself where it is not imported."""
        root, dot, rest = dotted.partition(".")
        return self.bound.get(root, root) + dot + rest

    def spell(self, target: str) -> str | None:
        """Return the way to say `target` in this module, or None where nothing reaches it."""
        module = target.rpartition(".")[0]
        spellings = [
            local + target.removeprefix(meaning)
            for local, meaning in self.bound.items()
            if meaning in {target, module}
            or (f"{target}.".startswith(f"{meaning}.") and self.loads(module))
        ]
        return target if target in spellings else next(iter(spellings), None)

    def loads(self, module: str) -> bool:
        """Tell whether a plain import loads the module."""
        return any(f"{each}.".startswith(f"{module}.") for each in self.loaded)


def read(source: Source, above: Node | None = None) -> Names:
    """Return the names that the imports at the top level of the module bind, `try` included.

    With `above` only those that are bound when that node is reached.
    """
    limit = len(source.data) if above is None else above.start_byte
    bound: dict[str, str] = {}
    loaded: set[str] = set()
    reached = [each for each in statements(source) if each.start_byte < limit]
    for statement in _imports(reached):
        if statement.type == "import_from_statement":
            bound |= from_import(source, statement)
            continue
        for module, alias in modules(source, statement):
            root = module.partition(".")[0]
            loaded.add(module)
            bound[alias or root] = module if alias else root
    return Names(bound, frozenset(loaded))


def modules(source: Source, statement: Node) -> list[tuple[str, str | None]]:
    """Return the modules of an `import` statement with their aliases."""
    return [_aliased(source, node) for node in statement.children_by_field_name("name")]


def from_import(source: Source, statement: Node) -> dict[str, str]:
    """Return the names that a `from` import binds, each with what it stands for."""
    module = module_of(source, statement)
    names = [_aliased(source, node) for node in statement.children_by_field_name("name")]
    return {alias or name: f"{module}.{name}" for name, alias in names}


def module_of(source: Source, statement: Node) -> str:
    """Return the module that a `from` import takes names from."""
    node = statement.child_by_field_name("module_name")
    return "__future__" if node is None else _without_spaces(source, node)


def dotted(source: Source, node: Node) -> str | None:
    """Return a name such as `core.cache.ready` without white space, None for anything else."""
    parts = []
    while node.type == "attribute":
        parts.append(source.of(node.children[-1]))
        node = node.children[0]
    return ".".join([source.of(node), *reversed(parts)]) if node.type == "identifier" else None


def _aliased(source: Source, node: Node) -> tuple[str, str | None]:
    if node.type != "aliased_import":
        return _without_spaces(source, node), None
    name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
    return _without_spaces(source, name or node), source.of(alias or node)


def _without_spaces(source: Source, node: Node) -> str:
    return re.sub(r"[\s\\]+", "", source.of(node))


def _imports(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        if node.type in {"import_statement", "import_from_statement"}:
            yield node
        elif node.type == "try_statement":
            body = node.child_by_field_name("body")
            yield from _imports(body.named_children if body else [])
