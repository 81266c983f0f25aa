"""The parts of a feature's code that depend on its fields, as lines for the templates."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from string import Template
from typing import Any

from paxx.feature.fields import Field
from paxx.feature.kinds import KINDS, Kind
from paxx.feature.layout import WIDTH, assigned, call
from paxx.feature.models import Model
from paxx.feature.names import Names


@dataclass(frozen=True, slots=True)
class Member:
    """A field as the templates see it: source code, laid out.

    `number` is its place; `alias` is the name of a type that it has of its own, `OrderStatus`. The
    model that it refers to is named by its table unless it `is_imported`.
    """

    field: Field
    names: Names
    number: int
    alias: str
    target: Model | None = None
    is_imported: bool = False

    @property
    def name(self) -> str:
        """Return the name of the field."""
        return self.field.name

    @property
    def kind(self) -> Kind:
        """Return what the type of the field stands for."""
        is_uuid = self.target is not None and self.target.key == "UUID"
        return KINDS["ref-uuid" if is_uuid else self.field.kind]

    @property
    def column(self) -> str:
        """Return the line of the model."""
        field, none = self.field, " | None" if self.field.optional else ""
        arguments = [self._filled(self.kind.column)] if self.kind.column else []
        if self.target is not None:
            rule = field.on_delete.replace("_", " ").upper()
            key = f"{self.target.name}.id" if self.is_imported else f'"{self.target.table}.id"'
            arguments = [f'ForeignKey({key}, ondelete="{rule}")']
        if field.unique:
            arguments.append("unique=True")
        if field.kind == "point":
            arguments.append("index=True")
        if field.default is not None:
            arguments.append(f"default={self._default_in_model}")
        annotation = f"{self.name}: Mapped[{self._filled(self.kind.python)}{none}]"
        if not arguments:
            return f"    {annotation}"
        return call(f"{annotation} = mapped_column(", arguments, indent=4)

    @property
    def index(self) -> str | None:
        """Return the index that filters and pages use; one that is unique has an index anyway."""
        is_wanted = self.field.index or self.field.kind == "ref"
        if not is_wanted or self.field.unique or self.field.kind == "point":
            return None
        return f'Index(None, "{self.name}", "id")'

    @property
    def own_type(self) -> str | None:
        """Return the statement that defines a type for this field alone, where it has one."""
        if self.field.kind in {"str", "text"}:
            return self._assigned(self._filled(self.kind.given))
        if self.field.kind == "decimal":
            return self._assigned(
                f"Annotated[Decimal, Exact({self.field.digits}, {self.field.places})]"
            )
        return None

    @property
    def given(self) -> str:
        """Return the type in requests."""
        return self.alias if self.own_type else self._filled(self.kind.given)

    @property
    def created(self) -> str:
        """Return the line of the schema for a new row."""
        default = self._default_in_schema
        if default is None:
            none = " | None = None" if self.field.optional else ""
            return f"    {self.name}: {self.given}{none}"
        none = " | None" if self.field.optional else ""
        return assigned(f"{self.name}: {self.given}{none}", default, indent=4)

    @property
    def updated(self) -> str:
        """Return the line of the schema for a change."""
        none = " | None" if self.field.optional else ""
        head = f"{self.name}: {self.given}{none} = Field("
        return call(head, ["default_factory=absent"], indent=4)

    @property
    def read(self) -> str:
        """Return the line of the schema for what is stored."""
        none = " | None" if self.field.optional else ""
        return f"    {self.name}: {self._filled(self.kind.read)}{none}"

    @property
    def is_indexed(self) -> bool:
        """Tell whether lists can be filtered by the field."""
        is_wanted = self.field.index or self.field.unique or self.field.kind == "ref"
        return bool(self.kind.query) and is_wanted

    @property
    def is_sortable(self) -> bool:
        """Tell whether lists can be sorted by it: what may be null has no place in an order."""
        return self.is_indexed and not self.field.optional

    @property
    def filters(self) -> dict[str, str]:
        """Return the filters of a list, each with its operator."""
        if not self.is_indexed:
            return {}
        equal = {self.name: "eq"}
        if not self.kind.has_range:
            return equal
        return equal | {f"min_{self.name}": "ge", f"max_{self.name}": "le"}

    @property
    def queried(self) -> str:
        """Return the type of a filter."""
        return self.alias if self.kind.query == "$value" else self._filled(self.kind.query)

    @property
    def is_recursive(self) -> bool:
        """Tell whether the field refers to the feature itself."""
        return self.target is not None and self.target.feature == self.names.module

    @property
    def sample(self) -> str:
        """Return a value for a test, made of `number`, which is from 0 to 3."""
        if self.is_recursive:
            return "None"
        return self._filled(self.kind.sample)

    @property
    def refused(self) -> tuple[str, ...]:
        """Return values that are refused, as source code."""
        return tuple(self._filled(each) for each in self.kind.refused)

    @property
    def parents(self) -> str:
        """Return the name of the rows that a test refers to."""
        is_short = 2 * len(self.name) + len('                "": _ids[number],') <= WIDTH
        return f"{self.name.removesuffix('_id')}_ids" if is_short else f"ids_{self.number}"

    def _assigned(self, given: str) -> str:
        line = f"{self.alias} = {given}"
        if len(line) <= WIDTH:
            return line
        inner = given.removeprefix("Annotated[").removesuffix("]")
        python, _, rest = inner.partition(", ")
        return f"{self.alias} = Annotated[\n    {python}, {rest}\n]"

    def _filled(self, template: str) -> str:
        return Template(template).substitute(self._values)

    @property
    def _values(self) -> Mapping[str, Any]:
        field = self.field
        values = field.values[:4]  # a test makes no more rows
        return {
            "name": self.name,
            "word": self._word,
            "length": field.length,
            "digits": field.digits,
            "places": field.places,
            "choice": self.alias,
            "value": self.alias,
            "values": ",\n                    ".join(json.dumps(each) for each in values),
            "count": len(values),
            "parents": self.parents,
            "text": self._text_sample(),
            "too_long": "9" * (field.digits - field.places + 1),
        }

    @property
    def _word(self) -> str:
        room = WIDTH - len('                "": f"{number}@example.com",') - len(self.name)
        return self.name.partition("_")[0][:room]

    def _text_sample(self) -> str:
        field = self.field
        if field.kind == "decimal":
            places = "5".ljust(field.places, "0")
            whole = "{number}" if field.digits > field.places else "0"
            if whole == "0":
                places = "{number}".ljust(field.places - 1 + len("{number}"), "0")
            return f'f"{whole}.{places}"' if field.places else "str(number)"
        fits = len(self._word) + 2 <= field.length
        return f'f"{self._word} {{number}}"' if fits else "str(number)"

    @property
    def _default_in_model(self) -> str:
        return self._qualified(self.field.default or "")

    @property
    def _default_in_schema(self) -> str | None:
        return None if self.field.default is None else self._qualified(self.field.default)

    def _qualified(self, default: str) -> str:
        return f"{self.alias}.{default}" if self.field.kind == "enum" else default
