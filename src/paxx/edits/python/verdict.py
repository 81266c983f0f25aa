"""Let the interpreter judge a module: all of it, or where it differs from one that passed.

A command edits a file several times, and the interpreter need not read all of it each time.
"""

import symtable
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from tree_sitter import Node

from paxx.edits.syntax_tree import Difference

Members = Sequence[Sequence[Node]]
"""The statements of each class of a module."""


def error_in(data: bytes) -> SyntaxError | None:
    """Return what the interpreter says against a module."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Parses as `ast` does, but makes no object of each node: half the time.
            symtable.symtable(data.decode(), "<module>", "exec")
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError) as error:
        return SyntaxError(str(error))
    return None


def around(data: bytes, place: Difference, old: Members, new: Members) -> bytes:
    """Return a module without those members of its classes that are far from a difference.

    `old` and `new` are the members as they are in the module that passed, and in this one. Each
    is a statement that parses by itself, where it was one before. The first one, the last one and
    those next to the difference stay: they tell how the others are indented.
    """
    known = {node.start_byte + place.new_end - place.old_end for each in old for node in each}
    for each in reversed(new):
        before = bisect_left(each, place.start, key=lambda node: node.end_byte)
        behind = bisect_right(each, place.new_end, key=lambda node: node.start_byte) + 1
        while behind < len(each) and each[behind].start_byte not in known:
            behind += 1  # it was inside of something else, such as a string that ends earlier now
        for first, last in ((behind, len(each) - 1), (1, before - 1)):
            if first < last:
                data = _without(data, each[first].start_byte, each[last].start_byte)
    return data


def _without(data: bytes, start: int, end: int) -> bytes:
    """Return the module without the lines of these statements, unless they share lines."""
    first, last = (data.rfind(b"\n", 0, offset) + 1 for offset in (start, end))
    if data[first:start].strip() or data[last:end].strip():
        return data
    return data[:first] + data[last:]
