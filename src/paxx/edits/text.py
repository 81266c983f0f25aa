"""Add whole lines to text files such as `.gitignore`, and take them out."""

import re
from collections.abc import Collection

from paxx.changes import Already, Edited, Outcome
from paxx.edits.splice import (
    after_line,
    apply,
    check_readable,
    deletion,
    insertion,
    line_start,
)


def add_line(text: str, line: str, before: Collection[str] = ()) -> Outcome:
    """Add `line` in front of the first of the lines `before`, else at the end."""
    check_readable(text)
    lines = [found.group().rstrip() for found in _lines(text)]
    if line.rstrip() in lines:
        return Already()
    later = next((found for found in _lines(text) if found.group().rstrip() in before), None)
    if later is not None:
        return Edited(apply(text, [insertion(later.start(), f"{line}\n")]))
    if not text:
        return Edited(f"{line}\n")
    last = len(text.removesuffix("\n"))
    # A comment at the end speaks of something else than our line.
    gap = "\n" if text[line_start(text, last) :].startswith("#") else ""
    return Edited(apply(text, [after_line(text, last, gap + line)]))


def remove_line(text: str, line: str, before: Collection[str] = ()) -> Outcome:
    """Take out `line`; it stays where a comment is about it alone, or where it is there twice."""
    del before
    check_readable(text)
    found = [each for each in _lines(text) if each.group().rstrip() == line.rstrip()]
    if not found:
        return Already()
    if len(found) > 1:
        return Already(f"`{line}` is there more than once and stays")
    start, end = found[0].span()
    is_last_of_its_own = re.match(r"\r?\n[ \t]*(?:\r?\n|\Z)|\Z", text[end:])
    if is_last_of_its_own and re.search(r"^#.*\n\Z", text[:start], re.MULTILINE):
        return Already(f"`{line}` has a comment of yours and stays")
    if not text[end:].strip() and re.search(r"^#.*\n\r?\n\Z", text[:start], re.MULTILINE):
        start -= 1  # the blank line that set it off from the comment
    return Edited(apply(text, [deletion(text, start, end)]))


def _lines(text: str) -> list[re.Match[str]]:
    return list(re.finditer(r"^.+$", text, re.MULTILINE))
