"""Show a plan as a unified diff to read: no secrets, and line endings where they differ."""

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from paxx.changes import FileChange, Plan
from paxx.redaction import redact

CONTEXT = 3
RETURN = "^M"
"""How a carriage return is shown, as git does, where not all lines have one."""

_OURS = ".paxx/"
_RECORDS = f"{_OURS}components/"


@dataclass(frozen=True, slots=True)
class _Line:
    sign: str
    raw: str
    shown: str


@dataclass(frozen=True, slots=True)
class _Hunk:
    heading: str
    lines: list[_Line]


def render(plan: Plan, secrets: Collection[str] = (), *, records: bool = False) -> Iterator[str]:
    """Yield the lines of the unified diff of every file that the plan changes, in its order.

    Values of secrets are hidden, those of `secrets` wherever they turn up. What paxx keeps for
    itself in `.paxx/` is left out without `records`.
    """
    for change in plan.changes:
        if records or not change.path.startswith(_OURS):
            yield from of_change(change, secrets)


def of_change(change: FileChange, secrets: Collection[str] = ()) -> Iterator[str]:
    """Yield the lines of one file's diff, each ending with `\\n`; see `render`."""
    hunks = list(_hunks(change, secrets))
    ends = {line.raw.endswith("\r\n") for hunk in hunks for line in hunk.lines if _ended(line)}
    if hunks:
        yield f"--- {'/dev/null' if change.before is None else f'a/{change.path}'}\n"
        yield f"+++ {'/dev/null' if change.after is None else f'b/{change.path}'}\n"
    for hunk in hunks:
        yield hunk.heading
        for line in hunk.lines:
            mark = RETURN if len(ends) > 1 and line.raw.endswith("\r\n") else ""
            yield f"{line.sign}{line.shown}{mark}\n"
            if not _ended(line):
                yield "\\ No newline at end of file\n"


def _ended(line: _Line) -> bool:
    return line.raw.endswith("\n")


def _hunks(change: FileChange, secrets: Collection[str]) -> Iterator[_Hunk]:
    # Compared as they are, shown without secrets: a change of a secret is still a change.
    is_ours = change.before is None and not change.path.startswith(_RECORDS)
    old = _sides(change.path, change.before, secrets, is_ours=False)
    new = _sides(change.path, change.after, secrets, is_ours=is_ours)
    matcher = difflib.SequenceMatcher(None, [raw for raw, _ in old], [raw for raw, _ in new])
    for group in matcher.get_grouped_opcodes(CONTEXT):
        ranges = _range(group[0][1], group[-1][2]), _range(group[0][3], group[-1][4])
        lines: list[_Line] = []
        for tag, a, b, c, d in group:
            gone, come = (" ", "") if tag == "equal" else ("-", "+")
            lines += [_Line(gone, *line) for line in old[a:b]]
            lines += [_Line(come, *line) for line in new[c:d] if come]
        yield _Hunk(f"@@ -{ranges[0]} +{ranges[1]} @@\n", lines)


def _range(start: int, stop: int) -> str:
    length = stop - start
    if length == 1:
        return str(start + 1)
    return f"{start + bool(length)},{length}"


def _sides(
    path: str, content: bytes | None, secrets: Collection[str], *, is_ours: bool
) -> list[tuple[str, str]]:
    """Return each line as it is and as it is shown."""
    text = (content or b"").decode("utf-8", errors="replace")
    redacted = redact(text, path, secrets, is_ours=is_ours)
    shown = (line.removesuffix("\n").removesuffix("\r") for line in _lines(redacted))
    return list(zip(_lines(text), shown, strict=True))


def _lines(text: str) -> list[str]:
    # A form feed, among others, ends a line for `splitlines`, but not for a file.
    return re.findall(r"[^\n]*\n|[^\n]+", text)
