"""Find the strings of a Python source that stand behind the name of a secret.

All strings of the statement count, wherever the value itself is: `Field(default="…")`, but for the
names of variables (`alias="…"`), which may be those of secrets themselves. The source need not
parse.
"""

import re
from collections.abc import Iterator

from paxx.redaction.words import FLAGS, NAME, names_in

Span = tuple[int, int]

_NEAR = 200
"""How far before a string its keyword may stand."""
_NAME = re.compile(rf"(?:{NAME}|Secret(?:Str|Bytes))[\"'\])]*(?=\s*[:=,(!])", FLAGS)
_ALIASED = re.compile(rf"alias\s*=\s*(?:AliasChoices\([^()]*?)?[\"'][\w.-]*?{NAME}[\"']", FLAGS)
_ALIAS = re.compile(r"(?:alias\s*=\s*|AliasChoices\((?:[^()]*,)?\s*)[rbfu]{0,2}[\"']+\Z")
_STOCK = "DEVELOPMENT_"
"""Begins the name of the list that a new project has of passwords which are none."""

_TOKEN = re.compile(
    r"""(?<![\w."'])[rbfu]{0,2}(?P<triple>"{3}|'{3})(?P<long>.*?)(?P=triple)
    | (?P<quote>["'])(?P<short>(?:\\.|(?!(?P=quote))[^\\\n])*)(?P=quote)?
    | (?P<comment>\#[^\n]*) | (?P<open>[\[({]) | (?P<close>[\])}]) | \\\r?\n | (?P<end>\n)""",
    FLAGS | re.DOTALL,
)


def strings(text: str) -> Iterator[Span]:
    """Yield where the contents of these strings are."""
    end = 0
    names = (name.span() for name in names_in(text, _NAME))
    for start, behind in sorted([*names, *_fields(text)]):
        if start >= end:
            spans, end = _statement(text, behind)
            is_stock = text.endswith(_STOCK, 0, start)
            yield from (span for span in spans if not (is_stock or _is_alias(text, span)))


def _fields(text: str) -> Iterator[Span]:
    """Yield where a field of a model is declared whose variable has the name of a secret."""
    for alias in _ALIASED.finditer(text):
        start = text.rfind("Field(", 0, alias.start())
        yield max(start, 0), max(start, 0) + len("Field")


def _is_alias(text: str, span: Span) -> bool:
    return _ALIAS.search(text, max(span[0] - _NEAR, 0), span[0]) is not None


def _statement(text: str, start: int) -> tuple[list[Span], int]:
    """Return the strings from here to the end of the statement, and where that is."""
    depth = 0
    spans: list[Span] = []
    for token in _TOKEN.finditer(text, start):
        kind = token.lastgroup or ""
        depth += (kind == "open") - (kind == "close")
        if kind in {"long", "short"}:
            spans.append(token.span(kind))
        elif kind == "end" and depth <= 0:
            return spans, token.end()
    return spans, len(text)
