"""Find the Settings class of a module and read what it says about its environment variables."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from paxx.edits.python import names
from paxx.edits.python.module import classes, read, statements
from paxx.edits.syntax_tree import Source

BASES = {"pydantic_settings.BaseSettings", "pydantic_settings.main.BaseSettings"}
WITHOUT_FIELDS = {"abc.ABC", "object", "pydantic.BaseModel", "typing.Generic"}


@dataclass(frozen=True, slots=True)
class SettingsClass:
    """A class that derives from BaseSettings.

    `made` is the class that `settings` is an instance of, be it this one or one derived from it;
    `lineage` is that class and its bases in the same file.
    """

    name: str
    node: Node
    lineage: tuple[Node, ...]
    made: str


def find(source: Source) -> SettingsClass | str:
    """Return the Settings class, or why it is not clear which one it is."""
    lineages = ((name, _lineage(source, node)) for name, node in classes(source))
    every = [(name, lineage) for name, lineage in lineages if lineage]
    derived = dict(every)  # of classes of one name the last one counts
    if not derived:
        return "no class in this file derives from `pydantic_settings.BaseSettings`"
    chosen = list(derived) if len(derived) == 1 else _preferred(source, derived)
    apart = [name for name, [node, *_] in every if name in chosen and node not in derived[name]]
    if len(chosen + apart) != 1:
        listed = ", ".join(f"`{name}`" for name, _ in every)
        return f"several classes derive from `BaseSettings`: {listed}"
    [name] = chosen
    node = derived[name][0]
    used = [each for each in _instantiated(source, derived) if node in derived[each]]
    made = used[0] if len(used) == 1 else name
    return SettingsClass(name, node, tuple(derived[made]), made)


def class_named(source: Source, name: str, above: Node | None = None) -> Node | None:
    """Return the class that a name stands for at the end of the module, or above a node."""
    end = len(source.data) if above is None else above.start_byte
    found = [node for each, node in classes(source) if each == name and node.start_byte < end]
    return found[-1] if found else None


def settings_bases_elsewhere(text: str) -> tuple[str, ...]:
    """Return the bases of the Settings class that other modules define, and may have fields."""
    source = read(text)
    found = find(source)
    if isinstance(found, str):
        return ()
    imported, known = names.read(source), BASES | WITHOUT_FIELDS
    return tuple(
        base
        for node in found.lineage
        for base in bases(source, node)
        if class_named(source, base, node) is None and imported.resolve(base) not in known
    )


def defines_settings(text: str) -> bool:
    """Tell whether the module has a class called Settings, or one that `settings` is made of."""
    source = read(text)
    found = find(source)
    return isinstance(found, SettingsClass) and (
        found.name == "Settings" or bool(_instantiated(source, [found.name]))
    )


def _lineage(source: Source, node: Node) -> list[Node]:
    """Return the class and its bases in the file; nothing when BaseSettings is not among them."""
    imported = names.read(source)
    lineage, waiting, is_settings = [], [node], False
    while waiting:
        current = waiting.pop(0)
        lineage.append(current)
        for base in bases(source, current):
            is_settings = is_settings or imported.resolve(base) in BASES
            above = class_named(source, base, current)
            if above is not None and above not in lineage:
                waiting.append(above)
    return lineage if is_settings else []


def bases(source: Source, node: Node) -> Iterator[str]:
    """Yield the dotted names of the bases of a class."""
    arguments = node.child_by_field_name("superclasses")
    for argument in arguments.named_children if arguments else []:
        name = names.dotted(source, argument)
        if name:
            yield name


def _preferred(source: Source, derived: Mapping[str, Sequence[Node]]) -> list[str]:
    """Return the class called Settings, unless `settings` is made of one that has none of it."""
    used = _instantiated(source, derived)
    if "Settings" in derived:
        own = derived["Settings"][0]
        if not used or any(own in derived[name] for name in used):
            return ["Settings"]
    return used


def _instantiated(source: Source, classes: Iterable[str]) -> list[str]:
    """Return those of the classes that `settings` is made of."""
    made = set()
    for statement in statements(source):
        left, right = (statement.child_by_field_name(side) for side in ("left", "right"))
        if left is None or right is None or source.of(left) != "settings":
            continue
        called = right.child_by_field_name("function")
        if called is not None:
            made.add(source.of(called))
    return [name for name in classes if name in made]
