"""How wide output may be, how text is wrapped to that, and columns."""

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator

NARROWEST = 20
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
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
