"""Insert text into a file without touching the rest of it: the only place that changes text.

Texts to insert are written with `\\n`; they get the line ending of the file when they are applied.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from paxx.errors import FileSyntaxError

_BLANK_LINE = re.compile(r"[ \t]*\r?\n")
_HEADING = re.compile(r"[ \t]*# [A-Z]\w*\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Splice:
    """Put `text` in place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


def insertion(offset: int, text: str) -> Splice:
    """Return the splice that puts `text` in front of the character at `offset`."""
    return Splice(offset, offset, text)


def apply(text: str, splices: Iterable[Splice]) -> str:
    """Return `text` with all splices made; they must not overlap."""
    newline = newline_of(text)
    for splice in sorted(splices, key=lambda splice: splice.start, reverse=True):
        inserted = splice.text.replace("\n", newline)
        text = text[: splice.start] + inserted + text[splice.end :]
    return text


def newline_of(text: str) -> str:
    """Return the line ending that most lines of the text have."""
    windows = text.count("\r\n")
    return "\r\n" if windows > text.count("\n") - windows else "\n"


def check_readable(text: str) -> None:
    """Raise FileSyntaxError for what no parser reports well: lone `\\r`, merge conflicts."""
    lone = re.search(r"\r(?!\n)", text)
    if lone:
        raise FileSyntaxError(
            "a line ends with a carriage return alone",
            line=line_number(text, lone.start()),
            hint="save the file with `\\n` or `\\r\\n` line endings",
        )
    conflict = re.search(r"^<{7} .*$(?s:.*)^>{7} ", text, re.MULTILINE)
    if conflict:
        raise FileSyntaxError(
            "unresolved merge conflict",
            line=line_number(text, conflict.start()),
            hint="resolve it, then run the command again",
        )


def holds(check: Callable[[], bool]) -> bool:
    """Verify an edit: tell whether the check passes and what it reads parses."""
    try:
        return check()
    except FileSyntaxError:
        return False


def line_number(text: str, offset: int) -> int:
    """Return the number of the line that holds `offset`, counted from 1."""
    return text.count("\n", 0, offset) + 1


def line_start(text: str, offset: int) -> int:
    """Return the offset at which the line that holds `offset` begins."""
    return text.rfind("\n", 0, offset) + 1


def line_end(text: str, offset: int) -> int:
    """Return the offset of the line ending of the line that holds `offset`."""
    end = text.find("\n", offset)
    end = len(text) if end < 0 else end
    return end - 1 if text[offset:end].endswith("\r") else end


def after_line(text: str, offset: int, lines: str) -> Splice:
    """Return the splice that puts whole `lines` below the line that holds `offset`.

    The last line of a file without a final newline stays the last line without one.
    """
    newline = text.find("\n", offset)
    if newline < 0:
        return insertion(len(text), "\n" + lines)
    return insertion(newline + 1, lines + "\n")


def deletion(text: str, start: int, end: int) -> Splice:
    """Return the splice that deletes the whole lines from that of `start` to that of `end`.

    Where the file has no final newline, it has none afterwards.
    """
    newline = text.find("\n", end)
    return _lines(text, line_start(text, start), newline + 1 if newline >= 0 else len(text))


def paragraph_deletion(text: str, start: int, end: int) -> Splice:
    """Return the splice that deletes the whole lines with the blank line that set them off.

    That is one above or else below, where they stand apart on both sides. Right below a line
    that is indented alike, as after a merge, the blank line sets off that one.
    """
    lines = deletion(text, start, end)
    first, last = line_start(text, start), lines.end
    above = _BLANK_LINE.fullmatch(text, line_start(text, max(first - 1, 0)), first)
    below = _BLANK_LINE.match(text, last)
    if above and (below or not text[last:].strip()):
        return _lines(text, above.start(), last)
    previous = text[line_start(text, max(first - 1, 0)) : first]
    is_joined = previous.strip() and indentation_at(text, first) == indentation_at(previous, 0)
    return lines if below is None or is_joined else Splice(first, below.end(), "")


def block_deletions(text: str, spans: Sequence[tuple[int, int]], heading: str) -> list[Splice]:
    """Return the splices that delete the lines of the spans, and what set them off as a block.

    That is the heading right above them, where nothing else stands below it but another
    heading, and one of the blank lines around.
    """
    runs = _runs(text, spans)
    first, last = line_start(text, runs[0][0]), deletion(text, *runs[-1]).end
    above = line_start(text, first - 1) if first else 0
    is_followed = text[last : line_end(text, last)].strip() and not _HEADING.match(text, last)
    if len(runs) == 1 and not is_followed and text[above:first].strip() == heading:
        return [paragraph_deletion(text, above, runs[0][1])]
    return [deletion(text, start, end) for start, end in runs]


def _runs(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans with those made one that stand on lines that follow each other."""
    runs: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        is_next = runs and deletion(text, *runs[-1]).end == line_start(text, start)
        runs.append((runs.pop()[0] if is_next else start, end))
    return runs


def _lines(text: str, first: int, last: int) -> Splice:
    if text[:last].endswith("\n"):
        return Splice(first, last, "")
    return Splice(len(text[:first].removesuffix("\n").removesuffix("\r")), last, "")


def at_end(text: str, block: str) -> Splice:
    """Return the splice that puts `block` at the end of the file, behind a blank line."""
    if not text:
        return insertion(0, f"{block}\n")
    last = len(text.removesuffix("\n"))
    gap = "\n" if text[line_start(text, last) : last].strip() else ""
    return after_line(text, last, gap + block)


def indentation_at(text: str, offset: int) -> str:
    """Return the white space that the line of `offset` begins with."""
    start = line_start(text, offset)
    line = text[start : line_end(text, start)]
    return line[: len(line) - len(line.lstrip())]


def begins_line(text: str, offset: int) -> bool:
    """Tell whether only white space stands before `offset` on its line."""
    return not text[line_start(text, offset) : offset].strip()


def indent_unit(text: str) -> str:
    """Return one step of indentation as the file has it; four spaces where nothing is indented.

    It is the smallest one: what is aligned with a bracket above it is indented by more.
    """
    found = re.findall(r"^(\t| {2,})(?=[^\s#])", text, re.MULTILINE)
    return min(found, key=len, default="    ")


def is_blank_before(text: str, offset: int) -> bool:
    """Tell whether the line above the line of `offset` is blank or missing."""
    start = line_start(text, offset)
    return start == 0 or not text[line_start(text, start - 1) : start].strip()


def comments_above(text: str, offset: int) -> list[str]:
    """Return the comment lines directly above the line of `offset`, without indentation."""
    above = text[owned_start(text, offset) : line_start(text, offset)]
    return [line.strip() for line in above.splitlines()]


def owned_start(text: str, offset: int) -> int:
    """Return where the line of `offset` begins, with the comment lines directly above it."""
    start = line_start(text, offset)
    while start > 0:
        above = line_start(text, start - 1)
        if not text[above:start].lstrip().startswith("#"):
            break
        start = above
    return start
