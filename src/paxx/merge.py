"""Merge a text that its user edited with a new version of the text that both began as."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from paxx.edits.splice import line_number, newline_of

_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged text, with the markers of git around each of its `conflicts`."""

    text: str
    conflicts: int


@dataclass(frozen=True, slots=True)
class Section:
    """The same place in three texts; one after the other, the sections are each text again."""

    base: Sequence[str]
    yours: Sequence[str]
    new: Sequence[str]


def merge(base: str, yours: str, new: str, label: str) -> Merged:
    """Return `yours` with what changed from `base` to `new`, by whole lines.

    What both sides changed alike is no conflict; lines that a conflict begins or ends with on
    both sides stand outside of it; changes with no unchanged line between them belong together.
    `label` names the new version in the markers; line endings and byte order mark are those of
    `yours`. Whatever lines repeat, the result is the same as with any other shortest diff,
    else there is a conflict.
    """
    newline = newline_of(yours)
    mark = _MARK if yours.startswith(_MARK) else ""
    texts = (_with_newline(base, newline), yours, _with_newline(new, newline))
    merged: list[str] = []
    conflicts = 0
    for section in sections(*(_lines(text.removeprefix(_MARK)) for text in texts)):
        if section.yours in (section.base, section.new):
            merged += section.new
        elif section.new == section.base:
            merged += section.yours
        else:
            merged += _conflict(section, label, newline)
            conflicts += 1
    return Merged(mark + "".join(merged), conflicts)


def unresolved(text: str) -> int | None:
    """Return the number of the first line with a marker that begins or ends a conflict.

    The marker in the middle does not count: a heading may be underlined like that, and where it
    is no heading it is no Python.
    """
    found = re.search(r"^(<{7}|>{7}) ", text, re.MULTILINE)
    return line_number(text, found.start()) if found else None


def sections(base: list[str], yours: list[str], new: list[str]) -> Iterator[Section]:
    """Yield by turns what lies between two unchanged lines, if only nothing, and such a line."""
    in_yours, in_new = _unchanged(base, yours), _unchanged(base, new)
    b = y = n = 0
    for line in sorted(in_yours.keys() & in_new.keys()):
        to_yours, to_new = in_yours[line], in_new[line]
        yield Section(base[b:line], yours[y:to_yours], new[n:to_new])
        b, y, n = line + 1, to_yours + 1, to_new + 1
        yield Section(base[line:b], yours[to_yours:y], new[to_new:n])
    yield Section(base[b:], yours[y:], new[n:])


def _unchanged(before: list[str], after: list[str]) -> dict[int, int]:
    """Map lines of `before` to lines of `after`, where all shortest diffs agree.

    Among equal lines a diff chooses, and what it keeps apart another one puts side by side. A
    pair of lines is in each longest common subsequence if it is in one and no other pair has its
    place in the order.
    """
    ahead = _ranks(before, after)
    behind = _ranks(before[::-1], after[::-1])
    longest = max(ahead.values(), default=0)
    pairs: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (i, j), rank in ahead.items():
        if rank + behind[len(before) - 1 - i, len(after) - 1 - j] == longest:
            pairs[rank].append((i, j))
    return dict(pair for alike in pairs.values() if len(alike) == 1 for pair in alike)


def _ranks(before: list[str], after: list[str]) -> dict[tuple[int, int], int]:
    """Count, for each pair of equal lines, the common lines that can stand in front of it."""
    places: dict[str, list[int]] = defaultdict(list)
    for j in reversed(range(len(after))):
        places[after[j]].append(j)
    ends: list[int] = []  # where the shortest beginnings with 1, 2, ... common lines end
    ranks: dict[tuple[int, int], int] = {}
    for i, line in enumerate(before):
        for j in places[line]:  # from the last: a line cannot follow itself
            ranks[i, j] = bisect_left(ends, j)
            ends[ranks[i, j] : ranks[i, j] + 1] = [j]
    return ranks


def _conflict(section: Section, label: str, newline: str) -> list[str]:
    yours, new = list(section.yours), list(section.new)
    first = _shared(yours, new)
    last = _shared(yours[first:][::-1], new[first:][::-1])
    end_of_yours, end_of_new = len(yours) - last, len(new) - last
    return [
        *yours[:first],
        f"<<<<<<< yours{newline}",
        *_ended(yours[first:end_of_yours], newline),
        f"======={newline}",
        *_ended(new[first:end_of_new], newline),
        f">>>>>>> {label}{newline}",
        *yours[end_of_yours:],
    ]


def _shared(one: list[str], other: list[str]) -> int:
    differs = (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differs, min(len(one), len(other)))


def _ended(lines: list[str], newline: str) -> list[str]:
    """Return the lines, each of which ends: a marker stands on a line of its own."""
    return [line if line.endswith("\n") else line + newline for line in lines]


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _with_newline(text: str, newline: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", newline)
