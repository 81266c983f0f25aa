"""Values that are written as JSON and read again."""

from collections import deque
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import ip_address, ip_network
from uuid import UUID

import pytest
from pydantic import BaseModel, Field

from core._redis import json_codec


class Colour(Enum):
    """Something with a value."""

    RED = "red"


class Item(BaseModel):
    """Something that FastAPI would return, with the name that it would use."""

    name: str
    price: Decimal = Field(alias="unitPrice")


@dataclass
class Point:
    """Something with fields."""

    x: int
    at: date


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("123", "123"),
        ("null", "null"),
        (None, None),
        (True, True),
        (1.5, 1.5),
        ((1, "ü"), [1, "ü"]),
        ({1: {"a": []}}, {"1": {"a": []}}),
        (datetime(2026, 1, 2, 3, tzinfo=UTC), "2026-01-02T03:00:00Z"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (Decimal("1.10"), "1.10"),
        (timedelta(minutes=1), 60.0),
        (Colour.RED, "red"),
        ({"x"}, ["x"]),
        (deque([1, 2]), [1, 2]),
        ([ip_address("::1"), ip_network("10.0.0.0/8")], ["::1", "10.0.0.0/8"]),
        (Item(name="tea", unitPrice=Decimal("1.10")), {"name": "tea", "unitPrice": "1.10"}),
        ([Point(1, date(2026, 1, 2))], [{"x": 1, "at": "2026-01-02"}]),
    ],
)
def test_values_come_back_as_json_has_them(value: object, expected: object) -> None:
    assert json_codec.loads(json_codec.dumps(value)) == expected


def test_a_model_is_made_of_its_json_again() -> None:
    item = Item(name="tea", unitPrice=Decimal("1.10"))
    assert Item.model_validate(json_codec.loads(json_codec.dumps(item))) == item


@pytest.mark.parametrize("value", [b"bytes", {b"bytes"}, {(1, 2): 3}])
def test_bytes_and_keys_without_a_json_form_are_refused(value: object) -> None:
    with pytest.raises(TypeError):
        json_codec.dumps(value)


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], "\ud800", object(), Point])
def test_values_without_a_json_form_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"JSON|surrogates|serialize"):
        json_codec.dumps(value)


@pytest.mark.parametrize("raw", [b"NaN", b"[-Infinity]", b"{", b'"\xff"', b"", b"\x80\x04N."])
def test_what_is_not_json_is_not_read(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has a message of its own
        json_codec.loads(raw)
