"""Find the strings of a Python source that stand behind the name of a secret.

All strings of the statement count, wherever the value itself is: `Field(default="…")`, but for the
names of variables (`alias="…"`), which may be those of secrets themselves, and of what a migration
changes. The source need not parse.
"""

import re
from collections.abc import Iterator

from paxx.redaction.words import FLAGS, NAME, names_in, shortened

Span = tuple[int, int]

_NEAR = 200
"""How far before a string its keyword may stand."""
_NAME = re.compile(rf"(?:{NAME}|Secret(?:Str|Bytes))[\"'\])]*(?=\s*[:=,(!])", FLAGS)
_ALIASED = re.compile(rf"alias\s*=\s*(?:AliasChoices\([^()]*?)?[\"'][\w.-]*?{NAME}[\"']", FLAGS)
_ALIAS = re.compile(r"(?:alias\s*=\s*|AliasChoices\((?:[^()]*,)?\s*)[rbfu]{0,2}[\"']+\Z")
_SCHEMA = re.compile(
    r"""\b(?:batch_)?op\.(?:f|rename_table|create_\w+_constraint|create_(?:foreign|primary)_key
    |(?:create|drop)_index|drop_(?:column|constraint|table))\(
    |\b(?:sa\.)?(?:CheckConstraint|(?:ForeignKey|PrimaryKey|Unique)(?:Constraint)?)\(""",
    re.VERBOSE,
)
"""Begins a call whose strings name tables, columns and constraints."""
_SCHEMA_NAME = re.compile(
    r"""(?:\bColumn|\bop\.(?:add_column|alter_column|create_table|batch_alter_table))
    \(\s*(?:["'][\w.]+["'],\s*)?["']\Z""",
    re.VERBOSE,
)
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
    schema = _in_schema_calls(text)
    names = (name.span() for name in names_in(text, _NAME))
    for start, behind in sorted([*names, *_fields(text)]):
        if start >= end:
            spans, end = _statement(text, behind)
            is_stock = text.endswith(_STOCK, 0, start)
            yield from (
                span for span in spans if not (is_stock or span in schema or _is_name(text, span))
            )


def _fields(text: str) -> Iterator[Span]:
    """Yield where a field of a model is declared whose variable has the name of a secret."""
    for alias in _ALIASED.finditer(shortened(text)):
        start = text.rfind("Field(", 0, alias.start())
        yield max(start, 0), max(start, 0) + len("Field")


def _in_schema_calls(text: str) -> set[Span]:
    found: set[Span] = set()
    end = 0
    for call in _SCHEMA.finditer(text):
        if call.start() >= end:
            spans, end = _statement(text, call.end() - 1, until_closed=True)
            found.update(spans)
    return found


def _is_name(text: str, span: Span) -> bool:
    near = max(span[0] - _NEAR, 0), span[0]
    return any(pattern.search(text, *near) for pattern in (_ALIAS, _SCHEMA_NAME))


def _statement(text: str, start: int, *, until_closed: bool = False) -> tuple[list[Span], int]:
    """Return the strings from here to the end of the statement, and where that is.

    With `until_closed` that is the end of the call whose parenthesis stands here.
    """
    depth = 0
    spans: list[Span] = []
    for token in _TOKEN.finditer(text, start):
        kind = token.lastgroup or ""
        depth += (kind == "open") - (kind == "close")
        if kind in {"long", "short"}:
            spans.append(token.span(kind))
        elif depth <= 0 and kind == ("close" if until_closed else "end"):
            return spans, token.end()
    return spans, len(text)
