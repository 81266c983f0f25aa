"""Show a plan as a unified diff."""

import difflib
import re
from collections.abc import Iterator

from paxx.changes import FileChange, Plan


def render(plan: Plan) -> Iterator[str]:
    """Yield the lines of the unified diff of every file that the plan changes, in its order."""
    return (line for change in plan.changes for line in of_change(change))


def of_change(change: FileChange) -> Iterator[str]:
    """Yield the lines of one file's diff; line endings inside the file are kept visible."""
    before = _lines(change.before or b"")
    old = "/dev/null" if change.before is None else f"a/{change.path}"
    new = "/dev/null" if change.after is None else f"b/{change.path}"
    for line in difflib.unified_diff(before, _lines(change.after or b""), old, new):
        if line.endswith("\n"):
            yield line
        else:
            yield from (f"{line}\n", "\\ No newline at end of file\n")


def _lines(content: bytes) -> list[str]:
    text = content.decode("utf-8", errors="replace")
    # A form feed, among others, ends a line for `splitlines`, but not for a file.
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    return [line.replace("\r\n", "\\r\n") for line in lines]
