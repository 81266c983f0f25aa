"""Hide the values of secrets in what paxx shows: output is read by more people than a file."""

import re
from collections.abc import Collection, Iterator
from urllib.parse import unquote

from paxx.redaction import places
from paxx.redaction.places import Span

MASK = "***"

_DISTINCT = re.compile(r"(?=.{8})\S*[^A-Za-z\s]\S*|[^\n]{12,}")
"""What is hidden wherever it occurs, not only in its place: more than a word of the language."""


def secrets_in(text: str, path: str = "") -> frozenset[str]:
    """Return the values of the secrets in a text, in every form in which they may turn up.

    The suffix of `path` tells in which language it is written.
    """
    found: set[str] = set()
    for start, end in places.of(text, path):
        value = text[start:end]
        found |= {value, unquote(value), value.lstrip("*&!|>%@")}
        found |= {line.strip() for line in value.splitlines()}
        # `abc, OTHER: 1` in a flow mapping, `Bearer abc`
        found |= {word for word in re.split(r"[\s,;&]+", value) if re.search(r"\d", word)}
    return frozenset(found - {""})


def redact(text: str, path: str = "", known: Collection[str] = (), *, is_ours: bool = False) -> str:
    """Return the text with `***` in place of each secret, on as many lines as before.

    Those are the secrets that it holds in their place, and the `known` ones anywhere. In a text
    that is ours, the data of a component, the known ones alone are secrets.
    """
    spans = [
        (start, end)
        for start, end in places.of(text, path)
        if not is_ours or text[start:end] in known
    ]
    for start, end in reversed(list(_merged(spans))):
        text = text[:start] + _masked(text[start:end]) + text[end:]
    for value in sorted(known, key=len, reverse=True):
        if _DISTINCT.fullmatch(value):
            text = text.replace(value, MASK)
    return text


def _masked(value: str) -> str:
    return re.sub(r"\S[^\r\n]*", MASK, value)


def _merged(spans: list[Span]) -> Iterator[Span]:
    last = (0, 0)
    for start, end in sorted(spans):
        if start > last[1]:
            yield last
            last = (start, end)
        else:
            last = (min(last[0], start) if last[1] else start, max(last[1], end))
    yield last
