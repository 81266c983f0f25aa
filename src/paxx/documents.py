"""Read the JSON documents that paxx keeps in `.paxx/`; each says the schema it was written in."""

from typing import TypeVar

import msgspec

from paxx.errors import FileSyntaxError

_Document = TypeVar("_Document")


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
        raise FileSyntaxError(f"this file is damaged: {error}", path=path, hint=hint) from error
    raise FileSyntaxError(
        f"this file has schema {found}, this paxx reads {schema}",
        path=path,
        hint="use the newer version of paxx that wrote it",
    )
