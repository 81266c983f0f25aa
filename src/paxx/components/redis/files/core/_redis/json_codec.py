"""JSON for values of an application: what FastAPI encodes is written, anything else is refused."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from pathlib import PurePath
from typing import Any, NoReturn
from uuid import UUID

from pydantic import AnyUrl, BaseModel

_WRITERS: dict[type, Callable[[Any], Any]] = {
    BaseModel: lambda value: value.model_dump(mode="json", by_alias=True),
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: timedelta.total_seconds,
    UUID: str,
    Decimal: str,  # a float would lose digits
    Enum: lambda value: value.value,
    set: list,
    frozenset: list,
    deque: list,
    PurePath: str,
    AnyUrl: str,
    **dict.fromkeys((IPv4Address, IPv4Interface, IPv4Network), str),
    **dict.fromkeys((IPv6Address, IPv6Interface, IPv6Network), str),
}


def dumps(value: Any) -> bytes:
    """Return the value as compact JSON in UTF-8.

    Tuples and sets become lists, keys become strings, Decimal becomes a string, timedelta a
    number of seconds, a pydantic model an object by its aliases. Raises TypeError for types without
    a form in JSON, bytes among them, ValueError for NaN, infinities and values that contain
    themselves, RecursionError for what is nested too deep.
    """
    return _ENCODER.encode(value).encode()


def loads(raw: bytes | str) -> Any:
    """Return the value of a JSON text in UTF-8.

    Raises ValueError for anything else, NaN included, and RecursionError for what is nested too
    deep.
    """
    return _DECODER.decode(raw if isinstance(raw, str) else raw.decode())


def _write(value: Any) -> Any:
    for kind, writer in _WRITERS.items():
        if isinstance(value, kind):
            return writer(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    raise TypeError(f"a value of type {type(value).__name__} has no form in JSON")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_ENCODER = json.JSONEncoder(
    default=_write, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)
_DECODER = json.JSONDecoder(parse_constant=_refuse)
