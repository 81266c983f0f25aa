"""Merge two changed versions of a text with what both come from, line by line, as git does."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from paxx.edits.splice import newline_of

_MARKER = re.compile(r"^(?:<{7}|>{7})(?: |$)|^={7}$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged text; `conflicts` counts the blocks between markers in it."""

    text: str
    conflicts: int


def merge(base: str, yours: str, new: str, label: str) -> Merged:
    """Return `yours` with what changed from `base` to `new`, in the line endings of `yours`.

    Where both changed the same or neighbouring lines in different ways, both stand between
    markers; `label` names the new version there.
    """
    result: list[str] = []
    conflicts = 0
    for ancestor, own, other in _regions(_lines(base), _lines(yours), _lines(new)):
        if other in (own, ancestor):
            result += own
        elif own == ancestor:
            result += other
        else:
            result += _conflict(own, other, label)
            conflicts += 1
    return Merged("".join(result).replace("\n", newline_of(yours)), conflicts)


def unresolved(text: str) -> int | None:
    """Return the number of the first line that is a conflict marker, counted from 1."""
    found = _MARKER.search(text.replace("\r\n", "\n"))
    return None if found is None else text.count("\n", 0, found.start()) + 1


def _regions(
    base: list[str], yours: list[str], new: list[str]
) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Yield the parts that belong together, in order: alike in all three, or changed in some."""
    done, done_yours, done_new = 0, 0, 0
    for start, size, in_yours, in_new in _common(base, yours, new):
        yield base[done:start], yours[done_yours:in_yours], new[done_new:in_new]
        unchanged = base[start : start + size]
        yield unchanged, unchanged, unchanged
        done, done_yours, done_new = start + size, in_yours + size, in_new + size
    yield base[done:], yours[done_yours:], new[done_new:]


def _common(
    base: list[str], yours: list[str], new: list[str]
) -> Iterator[tuple[int, int, int, int]]:
    """Yield where lines of the base are in both others: start, count, start in each of these."""
    theirs = _matches(base, new)
    for start, in_yours, size in _matches(base, yours):
        for other_start, in_new, other_size in theirs:
            first = max(start, other_start)
            count = min(start + size, other_start + other_size) - first
            if count > 0:
                yield first, count, in_yours + first - start, in_new + first - other_start


def _matches(base: list[str], other: list[str]) -> list[tuple[int, int, int]]:
    matcher = difflib.SequenceMatcher(None, base, other, autojunk=False)
    return [(block.a, block.b, block.size) for block in matcher.get_matching_blocks()]


def _conflict(own: list[str], other: list[str], label: str) -> list[str]:
    """Return both sides between markers; the lines that they begin or end with alike stay out."""
    shortest = min(len(own), len(other))
    head = next((i for i in range(shortest) if own[i] != other[i]), shortest)
    rest = shortest - head
    tail = next((i for i in range(rest) if own[-1 - i] != other[-1 - i]), rest)
    left, right = own[head : len(own) - tail], other[head : len(other) - tail]
    marked = ["<<<<<<< yours\n", *_ended(left), "=======\n", *_ended(right), f">>>>>>> {label}\n"]
    return [*own[:head], *marked, *own[len(own) - tail :]]


def _ended(lines: list[str]) -> list[str]:
    # A marker has a line of its own, also behind a last line without a line ending.
    return [line if line.endswith("\n") else f"{line}\n" for line in lines]


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text.replace("\r\n", "\n"))
