"""Types of values: what they accept, what they refuse, and that their schema says so."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from core.values import (
    DEEPEST,
    JSON_MAX_BYTES,
    Day,
    Email,
    Exact,
    Flag,
    Identifier,
    Int32,
    Int64,
    Json,
    Key,
    Moment,
    QueryFlag,
    QueryInt32,
    Real,
    Url,
)

Price = Annotated[Decimal, Exact(6, 2)]
Part = Annotated[Decimal, Exact(2, 2)]
Whole = Annotated[Decimal, Exact(40, 0)]


def read(kind: Any, value: object) -> Any:
    return TypeAdapter[Any](kind).validate_python(value)


def nested(levels: int) -> object:
    value: object = 1
    for level in range(levels):
        value = [value] if level % 2 else {"x": value}
    return value


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (Int32, -(2**31), -(2**31)),
        (Int32, 7.0, 7),  # an integer to JSON Schema
        (Int64, 9 * 10**18, 9 * 10**18),
        (Key, 1, 1),
        (Real, 1, 1.0),
        (Flag, False, False),
        (Price, "-9999.9", Decimal("-9999.90")),
        (Part, "0.25", Decimal("0.25")),
        (Whole, "9" * 40, Decimal("9" * 40)),
        (Day, "0001-01-01", dt.date.min),
        (Moment, "9999-12-31T23:59:59.999999Z", dt.datetime.max.replace(tzinfo=dt.UTC)),
        (Moment, "2026-01-31t01:00:00+02:00", dt.datetime(2026, 1, 30, 23, tzinfo=dt.UTC)),
        (Url, "https://example.com:8000/?q=%20#top", "https://example.com:8000/?q=%20#top"),
        (Json, {"x": ["\\u0000", None, 1.5, True]}, {"x": ["\\u0000", None, 1.5, True]}),
        (Json, nested(DEEPEST), nested(DEEPEST)),
        (Json, "x" * (JSON_MAX_BYTES - 2), "x" * (JSON_MAX_BYTES - 2)),  # and two quotes
        (QueryInt32, "-7", -7),
        (QueryFlag, "true", True),
    ],
)
def test_what_is_accepted(kind: Any, value: object, expected: object) -> None:
    found = read(kind, value)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((Int32, value) for value in (2**31, 7.5, "7", True, float("inf"))),
        *((Int64, value) for value in (2**63, -(2**63))),
        *((Key, value) for value in (0, -1)),
        *((Real, value) for value in (float("inf"), float("nan"), "1", True)),
        *((Flag, value) for value in (0, "true")),
        *((Price, value) for value in (1, 1.5, "10000", "1.234", "1e3", "NaN", " 1", "1.", "٣")),
        *((Part, value) for value in ("1", "0.255", ".5")),
        *((Day, value) for value in ("0000-01-01", "2026-02-29", "20260131", 0)),
        *((Moment, value) for value in ("2026-01-31T00:00:00", "0001-01-01T00:00:00+01:00", 0)),
        (Moment, "9999-12-31T23:59:59-00:01"),
        *((Identifier, value) for value in ("0" * 32, 0)),
        *((Email, value) for value in ("x", "x@", "@x", "x y@z", "x@y..z", "x\n@y", "x@y\n")),
        *((Url, value) for value in ("http://", "ftp://x", "http://é", "http://[", "http://x\n")),
        *((Json, value) for value in ("\0", {"\0": 1}, ["\\\0"], "\ud800", {"\udfff": 1})),
        *((Json, value) for value in (float("inf"), [float("nan")], nested(500))),
        (Json, nested(DEEPEST + 1)),
        (Json, "x" * (JSON_MAX_BYTES - 1)),
        (Json, "é" * (JSON_MAX_BYTES // 2)),
        *((QueryInt32, value) for value in ("1.0", "+1", "1_0", " 1", "", "٣", str(2**31))),
        *((QueryFlag, value) for value in ("1", "yes", "True", "")),
    ],
)
def test_what_is_refused(kind: Any, value: object) -> None:
    with pytest.raises(ValidationError):
        read(kind, value)


def test_zero_has_no_sign() -> None:
    assert str(read(Price, "-0")) == "0.00"  # as it is when the database gives it back


@pytest.mark.parametrize("kind", [Int32, Int64, Key, QueryInt32])
def test_bounds_are_in_the_schema_and_hold_as_floats(kind: Any) -> None:
    schema = TypeAdapter[Any](kind).json_schema()
    for bound in (schema["minimum"], schema["maximum"]):
        # A decimal reader of what FastAPI writes gets the same number as a binary one.
        assert Decimal(repr(float(bound))) == bound
