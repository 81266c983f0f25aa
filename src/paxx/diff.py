"""Show a plan as a unified diff."""

import difflib
from collections.abc import Iterator

from paxx.changes import FileChange, Plan


def render(plan: Plan) -> str:
    """Return the unified diff of every file that the plan changes, in the order of the plan."""
    return "".join(line for change in plan.changes for line in of_change(change))


def of_change(change: FileChange) -> Iterator[str]:
    """Yield the lines of one file's diff; line endings inside the file are kept visible."""
    before = _lines(change.before or b"")
    old = "/dev/null" if change.before is None else f"a/{change.path}"
    new = "/dev/null" if change.after is None else f"b/{change.path}"
    lines = difflib.unified_diff(before, _lines(change.after or b""), old, new)
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(content: bytes) -> list[str]:
    text = content.decode("utf-8", errors="replace")
    return [line.replace("\r\n", "\\r\n") for line in text.splitlines(keepends=True)]
