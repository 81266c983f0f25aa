"""Types of what crosses the wire: they accept what their JSON schema says, and no more."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    FiniteFloat,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    JsonValue,
    StrictBool,
)
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypeAliasType

# PostgreSQL cannot store the character NUL.
STORABLE = r"^[^\x00]*$"
# A valid e-mail address as browsers understand it (HTML Living Standard, 4.10.5.1.5).
LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
EMAIL = rf"^[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{LABEL}(?:\.{LABEL})*$"
# RFC 3986 knows ASCII alone; other characters are percent-encoded, host names in Punycode.
URL = rf"^https?://{LABEL}(?:\.{LABEL})*(?::[0-9]{{1,5}})?(?:[/?#][!-~]*)?$"
# Short of 2**63, so that FastAPI's OpenAPI document, where bounds are floats, tells it exactly.
LARGEST = 9 * 10**18
# As RFC 3339 writes days and moments, and RFC 9562 identifiers.
DAY = r"\d{4}-\d\d-\d\d"
MOMENT = rf"{DAY}[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"
HEX = "[0-9a-fA-F]"
IDENTIFIER = rf"{HEX}{{8}}(-{HEX}{{4}}){{3}}-{HEX}{{12}}"
DEEPEST = 100  # levels of JSON; pydantic writes some 250
JSON_MAX_BYTES = 64 * 1024  # of a `json` field in UTF-8; a page holds up to 100 of them
EXACTLY = Context(prec=1000)  # the most digits of a `numeric` column
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def absent() -> Any:
    """Return what stands in for a field that is left out; nobody looks at it."""
    return None


def like(pattern: str, meant: str) -> BeforeValidator:
    """Return a validator that wants text like this; pydantic reads numbers as times as well."""

    def check(value: Any) -> Any:
        if not isinstance(value, str) or re.fullmatch(pattern, value, re.ASCII) is None:
            message = f"Input should be {meant}"
            raise ValueError(message)
        return value

    return BeforeValidator(check)


def whole(value: Any) -> Any:
    """Return 2 for 2.0, which is an integer to JSON Schema; strict ones are to pydantic alone."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def in_utc(moment: datetime) -> datetime:
    """Return the same moment in UTC."""
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        message = "Input should be a moment of the years 1 to 9999 in UTC"
        raise ValueError(message) from error


def storable(value: Any) -> Any:
    """Return the value if PostgreSQL can store it as `jsonb`, and pydantic can write it again."""
    if not is_within(DEEPEST, value):
        message = f"Input should not be nested deeper than {DEEPEST} levels"
        raise ValueError(message)
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if len(text.encode()) > JSON_MAX_BYTES:
        message = f"Input should not be longer than {JSON_MAX_BYTES} bytes of JSON"
        raise ValueError(message)
    if NUL.search(text):
        message = "Input should not hold the character NUL"
        raise ValueError(message)
    return value


def is_within(levels: int, value: Any) -> bool:
    """Tell whether lists and objects are nested no deeper than this."""
    inner = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(inner, list):
        return True
    return levels > 0 and all(is_within(levels - 1, each) for each in inner)


@dataclass(frozen=True, slots=True)
class Exact:
    """A decimal number of so many digits, so many of them behind the point, written as text.

    A number of JSON is a binary fraction to most who read it, so that 0.1 is not one tenth.
    """

    digits: int
    places: int

    @property
    def pattern(self) -> str:
        """Return what the text has to match."""
        whole, places = self.digits - self.places, self.places
        point = rf"(?:\.[0-9]{{1,{places}}})?" if places else ""
        return rf"^-?[0-9]{{1,{whole}}}{point}$" if whole else rf"^-?0{point}$"

    def __get_pydantic_core_schema__(self, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        number: Callable[[str], Decimal] = self.read
        return core_schema.chain_schema(
            [
                core_schema.str_schema(pattern=self.pattern, strict=True),
                core_schema.no_info_plain_validator_function(number),
            ],
            serialization=core_schema.to_string_ser_schema(),
        )

    def __get_pydantic_json_schema__(
        self, _: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "pattern": self.pattern}

    def read(self, text: str) -> Decimal:
        """Return the number with all its places, as the database is going to: there is no -0."""
        number = Decimal(text).quantize(Decimal(1).scaleb(-self.places), context=EXACTLY)
        return EXACTLY.plus(number)


def true_or_false(value: Any) -> Any:
    """Return the value if it is one that JSON knows; pydantic reads `yes` and `1` as well."""
    if value not in {"true", "false"}:
        message = "Input should be true or false"
        raise ValueError(message)
    return value


_WHOLE = BeforeValidator(whole)
Int32 = Annotated[int, Field(strict=True, ge=-(2**31), le=2**31 - 1), _WHOLE]
Int64 = Annotated[int, Field(strict=True, ge=-LARGEST, le=LARGEST), _WHOLE]
Key = Annotated[int, Field(strict=True, ge=1, le=LARGEST), _WHOLE]
Real = Annotated[FiniteFloat, Field(strict=True)]
Flag = StrictBool
Day = Annotated[date, like(DAY, "a day such as 2026-01-31")]
Moment = Annotated[AwareDatetime, like(MOMENT, "a moment with its zone"), AfterValidator(in_utc)]
Identifier = Annotated[UUID, like(IDENTIFIER, "a UUID")]
Email = Annotated[str, Field(max_length=254, pattern=EMAIL)]
Url = Annotated[str, Field(max_length=2048, pattern=URL)]
# How `Json` is described; a mistake would be reported six times if it were validated like this.
Characters = Annotated[str, Field(pattern=STORABLE)]
JsonObject = Annotated[
    dict[Characters, "AnyJson"], Field(json_schema_extra={"additionalProperties": False})
]
AnyJson = TypeAliasType("AnyJson", "JsonObject | list[AnyJson] | Characters | float | bool | None")
Json = Annotated[JsonValue, BeforeValidator(storable, json_schema_input_type=AnyJson)]

# In a query everything is text.
_INTEGER = like(r"-?\d+", "an integer")
QueryInt32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1), _INTEGER]
QueryInt64 = Annotated[int, Field(ge=-LARGEST, le=LARGEST), _INTEGER]
QueryKey = Annotated[int, Field(ge=1, le=LARGEST), _INTEGER]
QueryReal = FiniteFloat
QueryFlag = Annotated[bool, BeforeValidator(true_or_false)]
