"""Put an item into a bracketed, comma-separated literal of Python, TOML or YAML; take it out.

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
    line_start,
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
    text: str, literal: Literal, index: int, *, is_tuple: bool = False
) -> list[Splice] | None:
    """Return the splices that take out the item at `index`; None where a comment is in the way.

    That is a comment above the item or behind it, which is the user's and about the item. What
    the item itself consists of is not looked at. An item that is left alone keeps a comma
    where `is_tuple`.
    """
    item = _item(text, literal, index)
    if item.is_commented:
        return None
    if item.is_alone:
        return [Splice(literal.start, literal.end, "")]
    is_one_tuple = is_tuple and len(literal.items) == 2
    is_comma_kept = is_one_tuple and index == 1 and item.comma_end == item.end
    splices = _whole_lines(item, is_comma_kept=is_comma_kept)
    splices = splices or _inline(item, is_comma_kept=is_comma_kept)
    if splices and is_one_tuple and index == 0:
        return [*splices, *_missing_comma(text, literal)]
    return splices


@dataclass(frozen=True, slots=True)
class _Item:
    """An item with what stands between it and its neighbours or the brackets."""

    text: str
    start: int
    end: int
    before: str
    behind: str
    is_first: bool
    is_last: bool

    @property
    def comma_end(self) -> int:
        """Return the offset behind its comma; its own end where a comment or nothing follows."""
        comma = re.match(r"\s*,", self.behind)
        return self.end + (comma.end() if comma else 0)

    @property
    def begins_line(self) -> bool:
        return "\n" in self.before and begins_line(self.text, self.start)

    @property
    def line_end(self) -> int | None:
        """Return where the next line begins when nothing else is on the line of the item."""
        rest = _match(r"[ \t]*\r?(?:\n|\Z)", self.text, self.comma_end)
        return rest.end() if rest and self.begins_line else None

    @property
    def is_alone(self) -> bool:
        rest = self.before + self.text[self.comma_end : self.end + len(self.behind)]
        has_blank_line = rest.count("\n") > 2
        return self.is_first and self.is_last and not rest.strip() and not has_blank_line

    @property
    def is_commented(self) -> bool:
        if self.begins_line and re.search(r"\n[ \t]*#.*\n[ \t]*\Z", self.before):
            return True
        shares_line = not self.is_first and "\n" not in self.before
        ends = (self.end, self.comma_end)
        return not shares_line and any(_match(r"[ \t]*#", self.text, end) for end in ends)


def _item(text: str, literal: Literal, index: int) -> _Item:
    start, end = literal.items[index]
    is_first, is_last = index == 0, index == len(literal.items) - 1
    floor = literal.start if is_first else literal.items[index - 1][1]
    ceiling = literal.end if is_last else literal.items[index + 1][0]
    return _Item(text, start, end, text[floor:start], text[end:ceiling], is_first, is_last)


def _whole_lines(item: _Item, *, is_comma_kept: bool) -> list[Splice] | None:
    has_comma = item.comma_end > item.end
    if item.line_end is None or not (has_comma or item.is_last):
        return None
    lines = Splice(line_start(item.text, item.start), item.line_end, "")
    comma = re.match(r"[ \t]*,", item.before)
    if has_comma or comma is None or is_comma_kept:
        return [lines]
    floor = item.start - len(item.before)
    return [Splice(floor, floor + comma.end(), ""), lines]


def _inline(item: _Item, *, is_comma_kept: bool) -> list[Splice] | None:
    has_comma = item.comma_end > item.end
    leads_line = item.begins_line and has_comma and not item.is_last
    if not (item.is_first or leads_line or "#" in item.before):
        floor = item.start - len(item.before)
        kept = item.before.index(",") + 1 if is_comma_kept else 0
        return [Splice(floor + kept, item.end, "")]
    if not (has_comma or item.is_last) or not (item.is_first or item.begins_line):
        return None  # a comment stands between the item and a comma
    following = re.match(r"[ \t]*", item.text[item.comma_end :])
    return [Splice(item.start, item.comma_end + (following.end() if following else 0), "")]


def _missing_comma(text: str, literal: Literal) -> list[Splice]:
    end = literal.items[1][1]
    has_comma = re.match(r"(?:\s|#.*+)*+,", text[end : literal.end])
    return [] if has_comma else [insertion(end, ",")]


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
