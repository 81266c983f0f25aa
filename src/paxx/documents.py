"""Parse documents that come with a project: JSON below `.paxx/`, TOML, and whatever nests."""

import contextlib
import re
import tomllib
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from paxx.errors import FileSyntaxError

_Document = TypeVar("_Document")
_MARKER = re.compile(rb"^(?:<{7}|>{7})(?: |$)", re.MULTILINE)
_PLACE = re.compile(r" \(byte (\d+)\)\Z")


@contextlib.contextmanager
def parser_limits(path: str | None = None) -> Iterator[None]:
    """Raise FileSyntaxError where a file exceeds what the interpreter can parse.

    No real file nests as deep, or has as long a number.
    """
    try:
        yield
    except (RecursionError, MemoryError) as error:  # the parser of Python raises both
        raise FileSyntaxError("nested too deeply", path=path) from error
    except ValueError as error:
        if "integer string conversion" not in str(error):
            raise
        raise FileSyntaxError("a number has too many digits", path=path) from error


def parse_toml(text: str) -> dict[str, Any]:
    """Return the data of a TOML document; raises FileSyntaxError, with the line where known."""
    try:
        with parser_limits():
            return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).partition(" (at ")
        line = re.match(r"line (\d+)", place)
        number = int(line[1]) if line else text.count("\n") + 1
        raise FileSyntaxError(f"not TOML: {message}", line=number) from error


class _Schema(msgspec.Struct, frozen=True):
    schema: int


def decode(raw: bytes, kind: type[_Document], schema: int, path: str, hint: str) -> _Document:
    """Return a JSON document of `.paxx/`; `hint` is the way out where it is damaged.

    Raises FileSyntaxError for one that is damaged or was written by a newer paxx.
    """
    try:
        found = msgspec.json.decode(raw, type=_Schema).schema
        if found == schema:
            return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
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
    text = "nested too deeply" if isinstance(error, RecursionError) else str(error)
    place = _PLACE.search(text)
    if place is None:
        return f"this file is damaged: {text}", None
    return f"this file is damaged: {text[: place.start()]}", _line(raw, int(place[1]))


def _line(raw: bytes, offset: int) -> int:
    return raw.count(b"\n", 0, offset) + 1
