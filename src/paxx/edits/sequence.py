"""Put an item into a bracketed, comma-separated literal of Python, TOML or YAML, or take it out.

An item goes right behind the item before it. What stands above the next item, such as its
comment, stays with that one, and so the order in which items are added makes no difference.
"""

import re
from dataclasses import dataclass

from paxx.edits.splice import (
    Splice,
    after_line,
    begins_line,
    deletion,
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


def remove(
    text: str, literal: Literal, index: int, *, keeps_comma: bool = False
) -> list[Splice] | None:
    """Return the splices that take the item at `index` out; None where a comment is at it.

    With `keeps_comma` the comma behind the item before stays, as a tuple of one needs it.
    """
    start, end = literal.items[index]
    if len(literal.items) == 1:
        return _emptied(text, literal)
    is_last = index == len(literal.items) - 1
    before = None if index == 0 else literal.items[index - 1][1]
    behind = _match(r"\s*,", text, end)
    tail = behind.end() if behind else end
    if _match(r"[ \t]*#", text, tail):
        return None
    if begins_line(text, start) and _match(r"[ \t]*\r?$", text, tail):
        splices = [deletion(text, start, tail)]
        comma = before is not None and is_last and not behind and _match(r"\s*,", text, before)
        return [Splice(before, comma.end(), ""), *splices] if before and comma else splices
    if not is_last and _match(r"\s*,\s*", text, end):
        return _up_to(text, start, literal.items[index + 1][0])
    if before is None or not re.fullmatch(r"\s*,\s*", text[before:start]):
        return None
    return [Splice(before + (1 if keeps_comma else 0), end, "")]


def _emptied(text: str, literal: Literal) -> list[Splice] | None:
    start, end = literal.items[0]
    rest = text[literal.start : start] + text[end : literal.end]
    if re.fullmatch(r"\s*,?\s*", rest):
        return [Splice(literal.start, literal.end, "")]
    comma = _match(r"[ \t]*,", text, end)
    tail = comma.end() if comma else end
    if begins_line(text, start) and _match(r"[ \t]*\r?$", text, tail):
        return [deletion(text, start, tail)]
    return None


def _up_to(text: str, start: int, following: int) -> list[Splice] | None:
    is_plain = re.fullmatch(r"[^#]*,\s*", text[start:following]) is not None
    return [Splice(start, following, "")] if is_plain else None


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
