"""Find the Settings class of a module and read what it says about its environment variables."""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from paxx.edits.python import names
from paxx.edits.python.module import classes, read, statements
from paxx.edits.syntax_tree import Source

BASES = {"pydantic_settings.BaseSettings", "pydantic_settings.main.BaseSettings"}
WITHOUT_FIELDS = {"abc.ABC", "object", "pydantic.BaseModel", "typing.Generic"}


@dataclass(frozen=True, slots=True)
class SettingsClass:
    """A class that derives from BaseSettings; `lineage` is it and its bases in the same file."""

    name: str
    node: Node
    lineage: tuple[Node, ...]


def find(source: Source) -> SettingsClass | str:
    """Return the Settings class, or why it is not clear which one it is."""
    defined = classes(source)
    derived = [name for name, node in defined if _lineage(source, dict(defined), node)]
    if not derived:
        return "no class in this file derives from `pydantic_settings.BaseSettings`"
    chosen = derived if len(derived) == 1 else _preferred(source, dict(defined), derived)
    if len(chosen) != 1:
        listed = ", ".join(f"`{name}`" for name in derived)
        return f"several classes derive from `BaseSettings`: {listed}"
    node = dict(defined)[chosen[0]]
    return SettingsClass(chosen[0], node, tuple(_lineage(source, dict(defined), node)))


def settings_bases_elsewhere(text: str) -> tuple[str, ...]:
    """Return the bases of the Settings class that other modules define, and may have fields."""
    source = read(text)
    found = find(source)
    if isinstance(found, str):
        return ()
    imported, here = names.read(source), {name for name, _ in classes(source)}
    derived = (base for node in found.lineage for base in bases(source, node))
    known = BASES | WITHOUT_FIELDS
    return tuple(
        each for each in derived if each not in here and imported.resolve(each) not in known
    )


def defines_settings(text: str) -> bool:
    """Tell whether the module has a class called Settings, or one that `settings` is made of."""
    source = read(text)
    found = find(source)
    return isinstance(found, SettingsClass) and (
        found.name == "Settings" or _is_instantiated(source, found.name)
    )


def _lineage(source: Source, classes: dict[str, Node], node: Node) -> list[Node]:
    """Return the class and its bases in the file; nothing when BaseSettings is not among them."""
    imported = names.read(source)
    lineage, waiting, is_settings = [], [node], False
    while waiting:
        current = waiting.pop(0)
        lineage.append(current)
        for base in bases(source, current):
            is_settings = is_settings or imported.resolve(base) in BASES
            if base in classes and classes[base] not in lineage:
                waiting.append(classes[base])
    return lineage if is_settings else []


def bases(source: Source, node: Node) -> Iterator[str]:
    """Yield the dotted names of the bases of a class."""
    arguments = node.child_by_field_name("superclasses")
    for argument in arguments.named_children if arguments else []:
        name = names.dotted(source, argument)
        if name:
            yield name


def _preferred(source: Source, classes: dict[str, Node], derived: list[str]) -> list[str]:
    """Return the class called Settings, unless `settings` is made of one that has none of it."""
    named = [name for name in derived if name == "Settings"]
    used = [name for name in derived if _is_instantiated(source, name)]
    lineages = [_lineage(source, classes, classes[name]) for name in used]
    if named and (not used or any(classes["Settings"] in lineage for lineage in lineages)):
        return named
    return used


def _is_instantiated(source: Source, name: str) -> bool:
    for statement in statements(source):
        left, right = (statement.child_by_field_name(side) for side in ("left", "right"))
        if left is None or right is None or source.of(left) != "settings":
            continue
        called = right.child_by_field_name("function")
        if called is not None and source.of(called) == name:
            return True
    return False
