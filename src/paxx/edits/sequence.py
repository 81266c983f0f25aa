"""Put an item into a bracketed, comma-separated literal of Python, TOML or YAML.

An item goes right behind the item before it. What stands above the next item, such as its
comment, stays with that one, and so the order in which items are added makes no difference.
"""

import re
from dataclasses import dataclass

from paxx.edits.splice import (
    Splice,
    after_line,
    begins_line,
    indentation_at,
    insertion,
)


@dataclass(frozen=True, slots=True)
class Literal:
    """Where a literal is: the span between its brackets, and the span of each item."""

    start: int
    end: int
    items: tuple[tuple[int, int], ...]


def insert(text: str, literal: Literal, index: int, item: str, unit: str) -> list[Splice]:
    """Return the splices that make `item` the item at `index`; `unit` is one step to indent."""
    if not literal.items:
        return [_alone(text, literal, item, unit)]
    if index == 0:
        return [_in_front(text, literal, item)]
    return _behind(text, literal, index - 1, item)


def _alone(text: str, literal: Literal, item: str, unit: str) -> Splice:
    outer = indentation_at(text, literal.start)
    line = f"{outer}{unit}{item},"
    if "\n" in text[literal.start : literal.end]:
        return after_line(text, literal.start, line)
    return Splice(literal.start, literal.end, f"\n{line}\n{outer}")


def _in_front(text: str, literal: Literal, item: str) -> Splice:
    first = literal.items[0][0]
    if begins_line(text, first):
        return after_line(text, literal.start, f"{indentation_at(text, first)}{item},")
    return insertion(first, f"{item}, ")


def _behind(text: str, literal: Literal, index: int, item: str) -> list[Splice]:
    end = literal.items[index][1]
    is_last = index == len(literal.items) - 1
    own_lines = [start for start, _ in literal.items if begins_line(text, start)]
    comma = _match(r"[ \t]*,", text, end)
    tail = comma.end() if comma else end
    if not comma and (not is_last or _match(r"(?:\s|#.*+)*+,", text, end)):
        return [insertion(end, f", {item}")]  # the comma stands on a later line
    if not own_lines:
        return [_on_the_line(literal, item, end, comma.end() if comma else None, is_last=is_last)]
    line = indentation_at(text, own_lines[0]) + item
    if _match(r"[ \t]*(?:#.*)?\r?$", text, tail):
        below = after_line(text, tail, line + ("," if comma else ""))
        return [below] if comma else [insertion(end, ","), below]
    if not is_last:
        return [insertion(tail, f" {item},")]
    return [insertion(tail, f"\n{line}," if comma else f",\n{line}")]


def _on_the_line(
    literal: Literal, item: str, end: int, comma: int | None, *, is_last: bool
) -> Splice:
    if comma is None:
        return insertion(end, f", {item}")
    # The comma of a one-tuple is no trailing comma.
    trailing = "" if is_last and len(literal.items) == 1 else ","
    return insertion(comma, f" {item}{trailing}")


def _match(pattern: str, text: str, offset: int) -> re.Match[str] | None:
    return re.compile(pattern, re.MULTILINE).match(text, offset)
