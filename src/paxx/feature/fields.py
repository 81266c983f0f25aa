"""Read the fields of a feature as they are typed: `NAME:TYPE[:MODIFIER]…`."""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from paxx.errors import UsageError
from paxx.feature import reserved
from paxx.feature.defaults import default_of
from paxx.feature.kinds import INDEXED_LENGTH, KINDS

LONGEST = 57
"""Of a name: PostgreSQL has 63 characters, and filters and constraints put some in front."""

TYPES = tuple(name for name in KINDS if name != "ref-uuid")
"""The types of fields that a user may name."""

_LENGTHS = {"str": 200, "text": 10_000}
_FLAGS = ("unique", "index", "optional")
_ON_DELETE = ("restrict", "cascade", "set_null")
_MODIFIERS = (*_FLAGS, "default=", "length=", *_ON_DELETE)
_MOST_DIGITS = 1000  # of PostgreSQL's numeric
_ELSEWHERE = {
    **dict.fromkeys(("varchar", "char", "slug"), "str"),
    **dict.fromkeys(("numeric", "money"), "decimal"),
    **dict.fromkeys(("double", "real"), "float"),
    **dict.fromkeys(("timestamp", "timestamptz"), "datetime"),
    **dict.fromkeys(("references", "belongs_to", "fk"), "ref"),
    **dict.fromkeys(("choice", "choices"), "enum"),
    **dict.fromkeys(("null", "nullable"), "optional"),
}
"""What databases and other tools call it."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field: `default` is source code of Python, `values` are those of an enumeration.

    `target` is the feature that a reference leads to, `on_delete` what becomes of the row when
    that one goes.
    """

    name: str
    kind: str
    length: int = 0
    digits: int = 0
    places: int = 0
    values: tuple[str, ...] = ()
    target: str = ""
    on_delete: str = "restrict"
    unique: bool = False
    index: bool = False
    optional: bool = False
    default: str | None = None


def parse(texts: Iterable[str]) -> tuple[Field, ...]:
    """Return the fields in their order.

    Raises UsageError for a name, type or modifier that does not do, naming what would.
    """
    found: dict[str, Field] = {}
    for text in texts:
        field = _field(text)
        if field.name in found:
            raise UsageError(f"`{field.name}` is there twice", hint="give each field its own name")
        found[field.name] = field
    _check_ranges(found.values())
    return tuple(found.values())


def _field(text: str) -> Field:
    if re.search("[\ud800-\udfff]", text):  # what Python makes of bytes that are none
        shown = text.encode(errors="replace").decode()
        raise UsageError(f"`{shown}` is not UTF-8", hint="set your terminal to UTF-8")
    name, *rest = _split(text)
    if not rest:
        raise UsageError(
            f"`{text}` has no type", hint=f"write it as in `{name or 'title'}:str` or `price:int`"
        )
    kind, arguments = _kind(rest[0], text)
    modifiers = rest[1:]
    if kind == "ref":
        arguments["target"] = _target(modifiers, text)
        modifiers = modifiers[1:]
        name = name.removesuffix("_id") + "_id"
    reserved.check_field(name, LONGEST)
    given = {"length"} if "(" in rest[0] else set[str]()
    for modifier, value in _modifiers(modifiers, text):
        _check_once(modifier, given, text)
        arguments |= _modified(kind, modifier, value, text)
    default = arguments.pop("default", None)
    field = Field(name, kind, **arguments)  # type: ignore[arg-type]
    _check(field, text)
    if default is None:
        return field
    return Field(name, kind, **arguments, default=default_of(field, str(default)))  # type: ignore[arg-type]


def _split(text: str) -> list[str]:
    """Split at colons, but for those within parentheses."""
    colons = [m.start() for m in re.finditer(r"\([^()]*\)|:", text) if m[0] == ":"]
    starts, ends = [0, *(each + 1 for each in colons)], [*colons, len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


def _kind(text: str, field: str) -> tuple[str, dict[str, object]]:
    match = re.fullmatch(r"(\w*)(?:\(([^()]*)\))?", text.strip())
    name, inside = (match[1], match[2]) if match else (text, None)
    if name not in TYPES:
        named = f"a reference has a name of its own: `{name}:ref:{name}`"
        hint = named if field.startswith("ref:") else _suggestion(name, TYPES)
        raise UsageError(f"`{field}`: no type is called `{name}`", hint=hint)
    if name == "decimal":
        return name, _decimal(inside, field)
    if name == "enum":
        return name, {"values": _values(inside, field)}
    if inside is None:
        return name, {"length": _LENGTHS[name]} if name in _LENGTHS else {}
    if name not in _LENGTHS:
        raise UsageError(f"`{field}`: `{name}` takes nothing in parentheses")
    return name, {"length": _number(inside, field)}


def _decimal(inside: str | None, field: str) -> dict[str, object]:
    numbers = re.fullmatch(r"\s*(\d+)\s*,\s*(\d+)\s*", inside or "")
    if numbers is None:
        raise UsageError(
            f"`{field}`: a decimal needs its digits, and how many of them are behind the point",
            hint="write it as in `price:decimal(10,2)`; your shell may want quotes around it",
        )
    digits, places = int(numbers[1]), int(numbers[2])
    if not 1 <= digits <= _MOST_DIGITS or places > digits:
        raise UsageError(
            f"`{field}`: a decimal has 1 to {_MOST_DIGITS} digits,"
            " and not more behind the point than in all"
        )
    return {"digits": digits, "places": places}


def _values(inside: str | None, field: str) -> tuple[str, ...]:
    values = tuple(each.strip() for each in (inside or "").split("|"))
    names = [each.upper().replace("-", "_") for each in values]
    if not all(re.fullmatch(r"[a-z][a-z0-9_-]{0,44}", each) for each in values):
        raise UsageError(
            f"`{field}`: the values of an enumeration are words of lower-case letters,"
            " digits, `-` and `_`, of up to 45 characters",
            hint="write it as in `'status:enum(draft|published)'`, in quotes for your shell",
        )
    if len({*names}) < len(names):
        raise UsageError(f"`{field}`: a value is there twice")
    return values


def _target(modifiers: list[str], field: str) -> str:
    if not modifiers or not re.fullmatch(r"\w+", modifiers[0]):
        raise UsageError(
            f"`{field}`: a reference needs the feature that it leads to",
            hint="write it as in `author:ref:authors`",
        )
    return modifiers[0]


def _modifiers(texts: Iterable[str], field: str) -> Iterator[tuple[str, str]]:
    """Yield names and values; a default goes on behind a colon until the next modifier."""
    waiting: list[str] = []
    for text in texts:
        name, is_given, _ = text.strip().partition("=")
        is_known = text.strip() in (*_FLAGS, *_ON_DELETE) or name + is_given in _MODIFIERS
        if is_known:
            waiting.append(text.strip())
        elif waiting and waiting[-1].startswith("default="):
            waiting[-1] += f":{text}"
        else:
            hint = _suggestion(name, tuple(each.rstrip("=") for each in _MODIFIERS))
            raise UsageError(f"`{field}`: no modifier is called `{name}`", hint=hint)
    for each in waiting:
        name, _, value = each.partition("=")
        yield name, value


def _check_once(modifier: str, given: set[str], field: str) -> None:
    """Raise UsageError for what was said before, alike or otherwise; add it to what is given."""
    said = given & {*_ON_DELETE} if modifier in _ON_DELETE else given & {modifier}
    for earlier in said:
        if earlier == modifier:
            raise UsageError(f"`{field}`: its `{modifier}` is given twice")
        raise UsageError(f"`{field}`: `{earlier}` and `{modifier}` exclude one another")
    given.add(modifier)


def _modified(kind: str, modifier: str, value: str, field: str) -> dict[str, object]:
    if modifier in _FLAGS:
        return {modifier: True}
    if modifier == "default":
        return {"default": value}
    if modifier == "length":
        if kind not in _LENGTHS:
            raise UsageError(f"`{field}`: `{kind}` has no length")
        return {"length": _number(value, field)}
    if kind != "ref":
        raise UsageError(f"`{field}`: `{modifier}` is for references")
    return {"on_delete": modifier}


def _number(text: str, field: str) -> int:
    if not re.fullmatch(r"\s*[1-9]\d{0,6}\s*", text):
        raise UsageError(f"`{field}`: a length is a number from 1 to 9999999, not `{text}`")
    return int(text)


def _check(field: Field, text: str) -> None:
    kind = KINDS[field.kind]
    rules = (
        (field.unique and not kind.can_be_unique, f"`{field.kind}` cannot be unique"),
        (field.index and not kind.can_be_indexed, f"`{field.kind}` cannot be indexed"),
        (
            (field.unique or field.index) and field.length > INDEXED_LENGTH,
            f"an indexed text has at most {INDEXED_LENGTH} characters",
        ),
        (field.on_delete == "set_null" and not field.optional, "`set_null` needs `optional`"),
    )
    for is_broken, rule in rules:
        if is_broken:
            raise UsageError(f"`{text}`: {rule}")


def _check_ranges(fields: Iterable[Field]) -> None:
    """Refuse a field that has the name of a filter for the range of another one."""
    fields = tuple(fields)
    names = {each.name for each in fields}
    for each in fields:
        if each.unique or each.index:
            for name in {f"min_{each.name}", f"max_{each.name}"} & names:
                raise UsageError(
                    f"`{name}` is also the name of a filter for `{each.name}`",
                    hint="call one of them otherwise",
                )


def _suggestion(name: str, known: tuple[str, ...]) -> str:
    word = name.lower()
    near = [_ELSEWHERE[word]] if _ELSEWHERE.get(word) in known else []
    near += difflib.get_close_matches(word, known, n=1)
    listed = ", ".join(f"`{each}`" for each in known)
    return f"did you mean `{near[0]}`?" if near else f"there are {listed}"
