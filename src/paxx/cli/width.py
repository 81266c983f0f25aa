"""How wide output may be, how text is wrapped to that, and columns."""

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator

NARROWEST = 20
SHORTEST = 24
"""How much of a cell is worth showing, in columns."""

ENDLESS = 10_000


def columns() -> int:
    """Return the width to wrap at: of the terminal, or what `COLUMNS` says; else endless."""
    if os.environ.get("COLUMNS") or (sys.stdout and sys.stdout.isatty()):
        return max(shutil.get_terminal_size((80, 24)).columns, NARROWEST)
    return ENDLESS


def wrapped(text: str, *, indent: int = 0, hang: int = 2) -> Iterator[str]:
    """Yield the lines of a text, wrapped between words; `hang` is how much deeper they go on."""
    width = columns()
    for line in text.splitlines():
        if indent + len(line) <= width:
            yield " " * indent + line
            continue
        yield from textwrap.wrap(
            line,
            width,
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + hang),
            break_long_words=False,
            break_on_hyphens=False,
        )


def aligned(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield rows as lines in which the cells of a column begin below each other."""
    for first, last in _split(rows):
        yield (first + last).rstrip()


def cut(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return aligned rows whose last cell ends with the line.

    Nothing where that would leave less than `SHORTEST` of it.
    """
    split = _split(rows)
    width = columns()
    room = width - len(split[0][0])
    if room < min(SHORTEST, max(len(last) for _, last in split)):
        return []
    lines = ((first + last).rstrip() for first, last in split)
    return [line if len(line) <= width else f"{line[: width - 3].rstrip()}..." for line in lines]


def hanging(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield aligned rows whose last cell goes on below itself."""
    for first, last in _split(rows):
        room = columns() - len(first)
        hang = len(first) if room >= SHORTEST else 2
        yield from wrapped((first + last).rstrip(), hang=hang)


def _split(rows: Iterable[tuple[str, ...]]) -> list[tuple[str, str]]:
    """Return each row as its aligned cells in one, and its last cell."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    firsts = (
        "".join(f"{cell:{width}}  " for cell, width in zip(row, widths, strict=False))
        for row in rows
    )
    return [(first, row[-1]) for first, row in zip(firsts, rows, strict=True)]
