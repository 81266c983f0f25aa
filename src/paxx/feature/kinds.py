"""The types of fields: what each is in a model, in requests, in responses and in tests."""

from dataclasses import dataclass

INDEXED_LENGTH = 600
"""Characters of an indexed text; PostgreSQL has room for 2,704 bytes in an entry of an index."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of field as source code, in which `$length` and so on are arguments of the field.

    `python` is the annotation in the model and `column` the column type where the annotation
    does not say it. `given` is the type in requests, `read` in responses, `query` as a filter.
    `sample` makes a value for a test from `number`, `refused` are values that do not do.
    `has_range` says that filters for a least and a greatest value make sense.
    """

    python: str
    column: str
    given: str
    read: str
    query: str
    sample: str
    refused: tuple[str, ...]
    has_range: bool = False
    can_be_unique: bool = True
    can_be_indexed: bool = True


_STRING = "Annotated[str, Field(min_length=1, max_length=$length, pattern=STORABLE)]"
_TEXT = "Annotated[str, Field(max_length=$length, pattern=STORABLE)]"
_LAID_OUT = "{opening}\n                    {inner},\n                {closing}"
"""What `layout` puts on one line where it fits."""

KINDS = {
    "str": Kind(
        "str",
        "String($length)",
        _STRING,
        "str",
        "$value",
        "$text",
        ('"x" * ($length + 1)', '"\\0"', '""', "1"),
    ),
    "text": Kind(
        "str",
        "Text",
        _TEXT,
        "str",
        "",
        "$text",
        ('"x" * ($length + 1)', '"\\0"', "1"),
        can_be_unique=False,
        can_be_indexed=False,
    ),
    "int": Kind(
        "int",
        "",
        "Int32",
        "int",
        "QueryInt32",
        "number",
        ("2**31", "-(2**31) - 1", "1.5", '"1"'),
        has_range=True,
    ),
    "bigint": Kind(
        "int",
        "BigInteger",
        "Int64",
        "int",
        "QueryInt64",
        "2**40 + number",
        ("2**63", "1.5", '"1"'),
        has_range=True,
    ),
    "float": Kind(
        "float",
        "Double",
        "Real",
        "float",
        "QueryReal",
        "number + 0.5",
        ('"1"', "True"),
        has_range=True,
    ),
    "decimal": Kind(
        "Decimal",
        "Numeric($digits, $places)",
        "$value",
        "Decimal",
        "$value",
        "$text",
        ("1", "1.5", '"x"', '"1e9"', '"$too_long"'),
        has_range=True,
    ),
    "bool": Kind(
        "bool",
        "",
        "Flag",
        "bool",
        "QueryFlag",
        "number % 2 == 0",
        ("1", '"true"'),
        can_be_unique=False,
    ),
    "date": Kind(
        "dt.date",
        "",
        "Day",
        "dt.date",
        "Day",
        'f"2026-01-{number + 1:02}"',
        ('"2026-13-01"', "1", '"1"'),
        has_range=True,
    ),
    "datetime": Kind(
        "dt.datetime",
        "DateTime(timezone=True)",
        "Moment",
        "dt.datetime",
        "Moment",
        'f"2026-01-{number + 1:02}T12:00:00Z"',
        ('"2026-01-01T12:00:00"', "1", '"1"'),
        has_range=True,
    ),
    "uuid": Kind(
        "UUID", "", "Identifier", "UUID", "Identifier", "str(UUID(int=number))", ('"x"', "1")
    ),
    "json": Kind(
        "Any",
        "DOCUMENT",
        "Json",
        "JsonValue",
        "",
        '{"number": number}',
        ('{"x": "\\0"}',),
        can_be_unique=False,
        can_be_indexed=False,
    ),
    "email": Kind(
        "str",
        "String(254)",
        "Email",
        "str",
        "Email",
        'f"${word}{number}@example.com"',
        ('"x"', '"x@"', "1"),
    ),
    "url": Kind(
        "str",
        "String(2048)",
        "Url",
        "str",
        "Url",
        'f"https://example.com/{number}"',
        ('"x"', '"ftp://example.com"', "1"),
    ),
    "enum": Kind(
        "$choice",
        'choice($choice, "$name")',
        "$choice",
        "$choice",
        "$choice",
        _LAID_OUT.format(opening="[", inner="$values", closing="][number % $count]"),
        ('""', "1"),
        can_be_unique=False,
    ),
    "ref": Kind("int", "", "Key", "int", "QueryKey", "$parents[number]", ("0", '"1"', "2**63")),
    "ref-uuid": Kind(
        "UUID", "", "Identifier", "UUID", "Identifier", "str($parents[number])", ('"x"', "1")
    ),
    "point": Kind(
        "Point",
        'Geography(geometry_type="POINT", srid=4326)',
        "Point",
        "Point",
        "",
        _LAID_OUT.format(
            opening="{",
            inner='"type": "Point",\n                    "coordinates": [float(number), 0.5]',
            closing="}",
        ),
        ('{"type": "Point", "coordinates": [181.0, 0.0]}', "1"),
        can_be_unique=False,
    ),
}
