"""Add items to the literals that a Python module assigns to its variables, and take them out."""

from collections.abc import Collection

from paxx.changes import Already, Edited, Outcome, Unable
from paxx.edits import sequence
from paxx.edits.python import literals, names
from paxx.edits.python.literals import Variable
from paxx.edits.python.module import read
from paxx.edits.python.names import Names
from paxx.edits.splice import apply, holds, indent_unit
from paxx.edits.syntax_tree import Source, descendants

_LISTS = {"list", "tuple"}


def add_item(  # noqa: PLR0913 - each says something else about the one item
    text: str,
    variable: str,
    item: str,
    *,
    key: str | None = None,
    before: Collection[str] = (),
    first: bool = False,
    first_peers: Collection[str] = (),
) -> Outcome:
    """Add a dotted name to the literal assigned to `variable`, under `key` where it is a dict.

    It goes in front of the first item that is one of `before`, else to the end; with `first`,
    behind those of `first_peers` that lead the literal. Items are compared by what they mean
    through the imports. The module of the item has to be imported.
    """
    source = read(text)
    found = names.read(source)
    snippet = _snippet(variable, item, key)
    literal = literals.find(source, variable)
    wanted = _LISTS if key is None else {"dictionary"}
    parsed = None
    if not isinstance(literal, str) and literal.type in wanted:
        parsed = literals.parse(source, found, literal)
    if parsed is None:
        is_there = literals.is_mentioned(source, found, variable, item)
        return Already() if is_there else Unable(literals.why(variable, literal, key), snippet)
    present = _presence(source, found, parsed, item, key)
    if present is not None:
        return present
    spelled, module = names.read(source, parsed.literal).spell(item), item.rpartition(".")[0]
    if spelled is None:
        return Unable(f"`{module}` is not imported above it", f"import {module}\n\n{snippet}")
    index = _index(parsed.targets, before, first_peers if first else None)
    edited = _insert(source, parsed, index, _entry(spelled, key))
    expected = [*parsed.targets[:index], item, *parsed.targets[index:]]
    is_right = holds(lambda: literals.targets_of(edited, variable) == expected)
    return Edited(edited) if is_right else Unable(f"no safe place in `{variable}`", snippet)


def remove_item(  # noqa: PLR0913 - the arguments are those of `add_item`
    text: str,
    variable: str,
    item: str,
    *,
    key: str | None = None,
    before: Collection[str] = (),
    first: bool = False,
    first_peers: Collection[str] = (),
) -> Outcome:
    """Take out what `add_item` puts in; an entry that is more than that stays.

    With a comment above it, behind it or in it, it is the user's.
    """
    del before, first, first_peers
    source = read(text)
    found = names.read(source)
    snippet = _snippet(variable, item, key)
    literal = literals.find(source, variable)
    parsed = None if isinstance(literal, str) else literals.parse(source, found, literal)
    if parsed is None:
        is_there = literals.is_mentioned(source, found, variable, item)
        return Unable(literals.why(variable, literal, key), snippet) if is_there else Already()
    present = [
        i
        for i, target in enumerate(parsed.targets)
        if target == item and literals.key_of(source, parsed.items[i]) == key
    ]
    if not present:
        return _of_the_user(source, found, parsed, item, key)
    edited = _without(source, parsed, present[0])
    if edited is None:
        return Already(f"`{item}` in `{variable}` has a comment of yours and stays")
    expected = [*parsed.targets[: present[0]], *parsed.targets[present[0] + 1 :]]
    is_right = holds(lambda: literals.targets_of(edited, variable) == expected)
    return Edited(edited) if is_right else Unable(f"it cannot be cut out of `{variable}`", snippet)


def _snippet(variable: str, item: str, key: str | None) -> str:
    return f"# in {variable}\n{_entry(item, key)},"


def _entry(item: str, key: str | None) -> str:
    return item if key is None else f'"{key}": {item}'


def _presence(
    source: Source, found: Names, parsed: Variable, item: str, key: str | None
) -> Already | None:
    for node, target in zip(parsed.items, parsed.targets, strict=True):
        own_key = literals.key_of(source, node)
        if target == item and own_key == key:
            return Already()
        if own_key is not None and own_key == key:
            return Already(f"your entry for `{key}` is kept")
        if literals.mentions(source, found, node, item):
            return Already(f"`{item}` is in `{' '.join(source.of(node).split())}` already")
    return None


def _index(
    targets: list[str | None], before: Collection[str], first_peers: Collection[str] | None
) -> int:
    if first_peers is not None:
        leading = (i for i, target in enumerate(targets) if target not in first_peers)
        return next(leading, len(targets))
    later = (i for i, target in enumerate(targets) if target in before)
    return next(later, len(targets))


def _insert(source: Source, parsed: Variable, index: int, item: str) -> str:
    unit = indent_unit(source.text)
    literal = literals.spans(source, parsed)
    return apply(source.text, sequence.insert(source.text, literal, index, item, unit))


def _without(source: Source, parsed: Variable, index: int) -> str | None:
    if any(node.type == "comment" for node in descendants(parsed.items[index])):
        return None
    is_tuple = parsed.literal.type == "tuple"
    spans = literals.spans(source, parsed)
    splices = sequence.remove(source.text, spans, index, is_tuple=is_tuple)
    return None if splices is None else apply(source.text, splices)


def _of_the_user(
    source: Source, found: Names, parsed: Variable, item: str, key: str | None
) -> Already:
    for node in parsed.items:
        if key is not None and literals.key_of(source, node) == key:
            return Already(f"your entry for `{key}` is changed and stays")
        if literals.mentions(source, found, node, item):
            return Already(f"your `{' '.join(source.of(node).split())}` is changed and stays")
    return Already()
