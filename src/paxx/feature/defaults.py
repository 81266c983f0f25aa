"""What a default that is typed stands for in Python."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Context, Decimal
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from paxx.errors import UsageError

if TYPE_CHECKING:
    from paxx.feature.fields import Field

T = TypeVar("T")

# What the types of `core/values.py` accept.
_BOUNDS = {"int": (-(2**31), 2**31 - 1), "bigint": (-9 * 10**18, 9 * 10**18)}
_EXACTLY = Context(prec=1000)  # the most digits of a `numeric` column


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
    if len(text) > field.length or "\0" in text or (field.kind == "str" and not text):
        raise ValueError(f"it has to have 1 to {field.length} characters")
    # The quotes that a formatter prefers: those that need the fewest backslashes.
    quote = '"' if text.count('"') <= text.count("'") else "'"
    return quote + "".join(_escaped(each, quote) for each in text) + quote


def _escaped(character: str, quote: str) -> str:
    if character in {"\\", quote}:
        return f"\\{character}"
    return character if character.isprintable() else repr(character)[1:-1]


def _parsed(parse: Callable[[str], T], text: str, wanted: str) -> T:
    try:
        return parse(text)
    except ValueError:
        raise ValueError(f"write {wanted}") from None


def _integer(field: "Field", text: str) -> str:
    number = _parsed(int, text, "a whole number")
    least, most = _BOUNDS[field.kind]
    if not least <= number <= most:
        raise ValueError(f"it has to be from {least} to {most}")
    return str(number)


def _float(_: "Field", text: str) -> str:
    number = _parsed(float, text, "a number")
    if number - number != 0:  # infinite, or no number
        raise ValueError("it has to be finite")
    return repr(number).replace("e+", "e")


def _decimal(field: "Field", text: str) -> str:
    whole, places = field.digits - field.places, field.places
    front = rf"\d{{1,{whole}}}" if whole else "0"
    behind = rf"(?:\.\d{{1,{places}}})?" if places else ""
    if re.fullmatch(rf"-?(?=[.\d])(?:{front})?{behind}", text, re.ASCII) is None:
        raise ValueError(
            f"write a number of at most {whole} digits in front of the point, {places} behind it"
        )
    exact = Decimal(text).quantize(Decimal(1).scaleb(-places), context=_EXACTLY)
    exact = _EXACTLY.plus(exact)  # there is no -0 in the database
    return f'Decimal("{exact:f}")' if places else f"Decimal({exact:f})"


def _boolean(_: "Field", text: str) -> str:
    if text.lower() not in {"true", "false"}:
        raise ValueError("write `true` or `false`")
    return text.capitalize()


def _day(_: "Field", text: str) -> str:
    day = _parsed(dt.date.fromisoformat, text, "a date, such as 2026-01-31")
    return f"dt.date({day.year}, {day.month}, {day.day})"


def _choice(field: "Field", text: str) -> str:
    if text not in field.values:
        raise ValueError("there are " + ", ".join(f"`{each}`" for each in field.values))
    return text.upper().replace("-", "_")


def _identifier(_: "Field", text: str) -> str:
    identifier = _parsed(UUID, text, "a UUID")
    return f'UUID("{identifier}")'


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
