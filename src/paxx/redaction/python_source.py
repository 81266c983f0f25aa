"""Find the strings of a Python source that stand behind the name of a secret.

All strings of the statement count, wherever the value itself is: `Field(default="…")`. The source
need not parse.
"""

import re
from collections.abc import Iterator

from paxx.redaction.words import FLAGS, NAME, names_in

_NAME = re.compile(rf"(?:{NAME}|Secret(?:Str|Bytes))[\"'\])]*(?=\s*[:=,(!])", FLAGS)
_TOKEN = re.compile(
    r"""(?<![\w."'])[rbfu]{0,2}(?P<triple>"{3}|'{3})(?P<long>.*?)(?P=triple)
    | (?P<quote>["'])(?P<short>(?:\\.|(?!(?P=quote))[^\\\n])*)(?P=quote)?
    | (?P<comment>\#[^\n]*) | (?P<open>[\[({]) | (?P<close>[\])}]) | \\\r?\n | (?P<end>\n)""",
    FLAGS | re.DOTALL,
)


def strings(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the contents of these strings are."""
    end = 0
    for name in names_in(text, _NAME):
        if name.start() >= end:
            spans, end = _statement(text, name.end())
            yield from spans


def _statement(text: str, start: int) -> tuple[list[tuple[int, int]], int]:
    """Return the strings from here to the end of the statement, and where that is."""
    depth, spans = 0, []
    for token in _TOKEN.finditer(text, start):
        kind = token.lastgroup or ""
        depth += (kind == "open") - (kind == "close")
        if kind in {"long", "short"}:
            spans.append(token.span(kind))
        elif kind == "end" and depth <= 0:
            return spans, token.end()
    return spans, len(text)
