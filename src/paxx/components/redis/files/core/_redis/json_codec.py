"""JSON for the values that pydantic encodes; anything else is refused."""

import json
from typing import Any, NoReturn

from pydantic_core import to_jsonable_python


def dumps(value: Any) -> bytes:
    """Return the value as compact JSON in UTF-8.

    Tuples and sets become lists, keys become strings, Decimal becomes a string, timedelta a
    number of seconds, a pydantic model an object by its aliases. Raises TypeError for bytes,
    ValueError for other types without a form in JSON, NaN, infinities and values that contain
    themselves, RecursionError for what is nested too deep.
    """
    return _ENCODER.encode(value).encode()


def loads(raw: bytes | str) -> Any:
    """Return the value of a JSON text in UTF-8.

    Raises ValueError for anything else, NaN included, and RecursionError for what is nested too
    deep.
    """
    return _DECODER.decode(raw if isinstance(raw, str) else raw.decode())


def _jsonable(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        raise TypeError("bytes have no form in JSON")
    if isinstance(value, set | frozenset):
        return list(value)
    return to_jsonable_python(value, timedelta_mode="float")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_ENCODER = json.JSONEncoder(
    default=_jsonable, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)
_DECODER = json.JSONDecoder(parse_constant=_refuse)
