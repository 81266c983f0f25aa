"""Add items to the literals that a Python module assigns to its variables, and take them out."""

from collections.abc import Collection

from paxx.changes import Already, Edited, Outcome, Unable
from paxx.edits import sequence
from paxx.edits.python import literals, names
from paxx.edits.python.literals import Literal
from paxx.edits.python.module import read
from paxx.edits.splice import apply, holds, indent_unit
from paxx.edits.syntax_tree import Source, descendants


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
    snippet = _snippet(variable, item, key)
    literal = literals.find(source, variable, is_dict=key is not None)
    if isinstance(literal, str):
        is_there = literals.is_mentioned(source, variable, item)
        return Already() if is_there else Unable(literal, snippet)
    present = _presence(source, literal, item, key, variable)
    if present is not None:
        return present
    spelled, module = names.read(source, literal.node).spell(item), item.rpartition(".")[0]
    if spelled is None:
        return Unable(f"`{module}` is not imported above it", f"import {module}\n\n{snippet}")
    index = _index(literal.targets, before, first_peers if first else None)
    edited = _insert(source, literal, index, _written(spelled, key))
    expected = [*literal.entries[:index], (key, item), *literal.entries[index:]]
    is_right = holds(lambda: literals.has(edited, variable, expected))
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
    snippet = _snippet(variable, item, key)
    literal = literals.find(source, variable, is_dict=key is not None)
    if isinstance(literal, str):
        is_there = literals.is_mentioned(source, variable, item)
        return Unable(literal, snippet) if is_there else Already()
    if (key, item) not in literal.entries:
        return _of_the_user(source, literal, item, key)
    if literal.entries.count((key, item)) > 1:
        return Unable(f"`{item}` is in `{variable}` more than once", snippet)
    index = literal.entries.index((key, item))
    edited = _without(source, literal, index)
    if edited is None:
        return Already(f"`{item}` in `{variable}` has a comment of yours and stays")
    expected = [*literal.entries[:index], *literal.entries[index + 1 :]]
    is_right = holds(lambda: literals.has(edited, variable, expected))
    return Edited(edited) if is_right else Unable(f"it cannot be cut out of `{variable}`", snippet)


def _snippet(variable: str, item: str, key: str | None) -> str:
    return f"# in {variable}\n{_written(item, key)},"


def _written(item: str, key: str | None) -> str:
    return item if key is None else f'"{key}": {item}'


def _presence(
    source: Source, literal: Literal, item: str, key: str | None, variable: str
) -> Already | None:
    for node, (own_key, target) in zip(literal.items, literal.entries, strict=True):
        if target == item and own_key == key:
            return Already(_repetition(literal, variable))
        if own_key is not None and own_key == key:
            return Already(f"your entry for `{key}` is kept")
        if literals.mentions(source, node, item):
            return Already(f"`{item}` is in `{' '.join(source.of(node).split())}` already")
    return None


def _repetition(literal: Literal, variable: str) -> str | None:
    """Return a sentence about an entry that is there twice, as a merge may leave it."""
    for entry in literal.entries:
        if entry[1] is not None and literal.entries.count(entry) > 1:
            return f"`{entry[1]}` is in `{variable}` more than once"
    return None


def _of_the_user(source: Source, literal: Literal, item: str, key: str | None) -> Already:
    for node, (own_key, _) in zip(literal.items, literal.entries, strict=True):
        if own_key is not None and own_key == key:
            return Already(f"your entry for `{key}` is changed and stays")
        if literals.mentions(source, node, item):
            return Already(f"your `{' '.join(source.of(node).split())}` is changed and stays")
    return Already()


def _index(
    targets: list[str | None], before: Collection[str], first_peers: Collection[str] | None
) -> int:
    if first_peers is not None:
        leading = (i for i, target in enumerate(targets) if target not in first_peers)
        return next(leading, len(targets))
    later = (i for i, target in enumerate(targets) if target in before)
    return next(later, len(targets))


def _insert(source: Source, literal: Literal, index: int, item: str) -> str:
    unit = indent_unit(source.text)
    spans = literals.spans(source, literal)
    return apply(source.text, sequence.insert(source.text, spans, index, item, unit))


def _without(source: Source, literal: Literal, index: int) -> str | None:
    if any(node.type == "comment" for node in descendants(literal.items[index])):
        return None
    is_tuple = literal.node.type == "tuple"
    spans = literals.spans(source, literal)
    splices = sequence.remove(source.text, spans, index, is_tuple=is_tuple)
    return None if splices is None else apply(source.text, splices)
