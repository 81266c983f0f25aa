"""Read the JSON documents that paxx keeps in `.paxx/`; each says the schema it was written in."""

import re
from typing import TypeVar

import msgspec

from paxx.errors import FileSyntaxError

_Document = TypeVar("_Document")
_MARKER = re.compile(rb"^(?:<{7}|>{7})(?: |$)", re.MULTILINE)
_PLACE = re.compile(r" \(byte (\d+)\)\Z")


class _Schema(msgspec.Struct, frozen=True):
    schema: int


def decode(raw: bytes, kind: type[_Document], schema: int, path: str, hint: str) -> _Document:
    """Return the document; `hint` is the way out where it is damaged.

    Raises FileSyntaxError for one that is damaged or was written by a newer paxx.
    """
    try:
        found = msgspec.json.decode(raw, type=_Schema).schema
        if found == schema:
            return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        message, line = _damage(raw, error)
        raise FileSyntaxError(message, path=path, line=line, hint=hint) from error
    raise FileSyntaxError(
        f"this file has schema {found}, this paxx reads {schema}",
        path=path,
        hint="use the newer version of paxx that wrote it",
    )


def _damage(raw: bytes, error: Exception) -> tuple[str, int | None]:
    """Return what is wrong with a document, and in which line where that is known."""
    marker = _MARKER.search(raw)
    if marker:
        return "this file is damaged: it has merge markers", _line(raw, marker.start())
    text = str(error)
    place = _PLACE.search(text)
    if place is None:
        return f"this file is damaged: {text}", None
    return f"this file is damaged: {text[: place.start()]}", _line(raw, int(place[1]))


def _line(raw: bytes, offset: int) -> int:
    return raw.count(b"\n", 0, offset) + 1
