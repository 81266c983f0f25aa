"""What a default that is typed stands for in Python."""

import datetime as dt
import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from paxx.errors import UsageError

if TYPE_CHECKING:
    from paxx.feature.fields import Field


def default_of(field: "Field", text: str) -> str:
    """Return the default as source code; raises UsageError where the field cannot have it."""
    read = _READERS.get(field.kind)
    if read is None:
        raise UsageError(f"`{field.name}`: `{field.kind}` cannot have a default")
    if field.unique:
        raise UsageError(f"`{field.name}`: a default that is unique serves once")
    try:
        return read(field, text)
    except (ValueError, ArithmeticError) as error:
        raise UsageError(
            f"`{field.name}`: `{text}` is no default for `{field.kind}`", hint=str(error)
        ) from error


def _text(field: "Field", text: str) -> str:
    limit = field.length or 2048
    if len(text) > limit or "\0" in text or (field.kind == "str" and not text):
        raise ValueError(f"it has to have 1 to {limit} characters")
    quoted = json.dumps(text, ensure_ascii=False)
    if text.count('"') <= text.count("'"):
        return quoted
    # The quotes that a formatter prefers: those that need the fewest backslashes.
    return "'" + quoted[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


def _integer(field: "Field", text: str) -> str:
    bits = 31 if field.kind == "int" else 63
    number = int(text)
    if not -(2**bits) <= number < 2**bits:
        raise ValueError(f"it has to be from -2**{bits} to 2**{bits} - 1")
    return str(number)


def _float(_: "Field", text: str) -> str:
    number = float(text)
    if number - number != 0:  # infinite, or no number
        raise ValueError("it has to be finite")
    return repr(number)


def _decimal(field: "Field", text: str) -> str:
    whole, places = field.digits - field.places, field.places
    if re.fullmatch(rf"-?\d{{0,{max(whole, 1)}}}(\.\d{{1,{max(places, 1)}}})?", text) is None:
        raise ValueError(f"it has at most {whole} digits in front of the point, {places} behind it")
    exact = Decimal(text).quantize(Decimal(1).scaleb(-places))
    return f'Decimal("{exact}")'


def _boolean(_: "Field", text: str) -> str:
    if text.lower() not in {"true", "false"}:
        raise ValueError("write `true` or `false`")
    return text.capitalize()


def _day(_: "Field", text: str) -> str:
    day = dt.date.fromisoformat(text)
    return f"dt.date({day.year}, {day.month}, {day.day})"


def _choice(field: "Field", text: str) -> str:
    if text not in field.values:
        raise ValueError("there are " + ", ".join(f"`{each}`" for each in field.values))
    return text.upper().replace("-", "_")


def _identifier(_: "Field", text: str) -> str:
    return f'UUID("{UUID(text)}")'


_READERS: dict[str, Callable[["Field", str], str]] = {
    "str": _text,
    "text": _text,
    "int": _integer,
    "bigint": _integer,
    "float": _float,
    "decimal": _decimal,
    "bool": _boolean,
    "date": _day,
    "enum": _choice,
    "uuid": _identifier,
}
