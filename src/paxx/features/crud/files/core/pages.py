"""Pages of a list, each beginning where the one before it ended, at whatever depth.

A cursor names the last row of a page, so that a page costs the same however far it is, and rows
that come and go in between move nothing.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, Field, TypeAdapter
from pydantic_core import to_jsonable_python
from sqlalchemy import ColumnElement, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from core.errors import AppError
from settings import settings

Row = TypeVar("Row")
Item = TypeVar("Item")
Key = InstrumentedAttribute[Any]
Cursor = Annotated[str, Field(pattern="^[A-Za-z0-9_-]+$")]

SIGNATURE = 16  # bytes


class Page(BaseModel, Generic[Item]):
    """A page; `next_cursor` leads to the one behind it, and is null on the last."""

    items: Sequence[Item]
    next_cursor: str | None


class InvalidCursorError(AppError):
    """The cursor is not one that this list gave out in this order."""

    title = "Invalid cursor"


async def page_of(
    session: AsyncSession,
    model: type[Row],
    conditions: Iterable[ColumnElement[bool]] = (),
    *,
    sort: str = "id",
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[Sequence[Row], str | None]:
    """Return a page of the rows and the cursor of the next one, None behind the last.

    `sort` is a column that is never null, with a minus in front for the other direction; `id`
    settles ties. An index on the column and `id` makes it fast. Raises InvalidCursorError.
    """
    name, is_descending = sort.removeprefix("-"), sort.startswith("-")
    keys: list[Key] = [getattr(model, each) for each in ([name] if name == "id" else [name, "id"])]
    statement = select(model).where(*conditions)
    if cursor is not None:
        bounds = _read(cursor, sort, keys)
        statement = statement.where(_behind(keys, bounds, is_descending=is_descending))
    order = [key.desc() if is_descending else key.asc() for key in keys]
    rows = (await session.scalars(statement.order_by(*order).limit(limit + 1))).all()
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], _written(sort, keys, rows[limit - 1])


def _behind(
    keys: Sequence[Key], bounds: Sequence[Any], *, is_descending: bool
) -> ColumnElement[bool]:
    here = tuple_(*keys)
    bound = tuple_(*(literal(each, key.type) for key, each in zip(keys, bounds, strict=True)))
    return here < bound if is_descending else here > bound


def _written(sort: str, keys: Sequence[Key], row: object) -> str:
    values = [getattr(row, key.key) for key in keys]
    text = json.dumps([sort, *to_jsonable_python(values)]).encode()
    return urlsafe_b64encode(_signature(text, keys) + text).decode().rstrip("=")


def _read(cursor: str, sort: str, keys: Sequence[Key]) -> list[Any]:
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError as error:
        raise InvalidCursorError("it is not a cursor") from error
    signature, text = raw[:SIGNATURE], raw[SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(text, keys)):
        raise InvalidCursorError("it is not a cursor of this list")
    written_for, *values = json.loads(text)
    if written_for != sort:
        raise InvalidCursorError(f"it is a cursor of the order {written_for}")
    return [
        TypeAdapter[Any](key.type.python_type).validate_python(value)
        for key, value in zip(keys, values, strict=True)
    ]


def _signature(text: bytes, keys: Sequence[Key]) -> bytes:
    """Return what tells a cursor of this list from one that somebody made up."""
    secret = settings.secret_key.get_secret_value().encode()
    return hmac.digest(secret, f"{keys[-1]}:".encode() + text, "sha256")[:SIGNATURE]
