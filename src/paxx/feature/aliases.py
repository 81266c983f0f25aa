"""Give each name to one thing alone: types of fields, and models that are referred to."""

from collections.abc import Container, Iterable, Mapping
from itertools import chain, count

from paxx.feature.fields import Field
from paxx.feature.layout import WIDTH
from paxx.feature.models import Model
from paxx.feature.names import Names
from paxx.feature.sources import Member
from paxx.feature.symbols import TAKEN

_OWN = {"str", "text", "decimal", "enum"}
"""Types of which each field has one of its own."""
_AROUND = len("    min_: | None = Field(")
_AROUND_CHOICE = len("    : Mapped[ | None] = mapped_column(")
"""What a line has beside the field and its type."""


def members(names: Names, fields: Iterable[Field], targets: Mapping[str, Model]) -> list[Member]:
    """Return the fields as members of the feature, in their order."""
    taken = {*TAKEN, names.cls, names.error, *names.schemas}
    imported = _imported(names, targets.values(), taken)
    taken |= {model.name for model in imported}
    found = []
    for number, field in enumerate(fields):
        alias = _alias(names, field, taken) if field.kind in _OWN else ""
        taken.add(alias)
        target = targets.get(field.name)
        found.append(Member(field, names, number, alias, target, target in imported))
    return found


def _imported(names: Names, models: Iterable[Model], taken: set[str]) -> set[Model]:
    """Return those of the models whose name means nothing else in the feature."""
    others = {model for model in models if model.feature != names.module}
    called = [model.name for model in others]
    return {each for each in others if each.name not in taken and called.count(each.name) == 1}


def _alias(names: Names, field: Field, taken: set[str]) -> str:
    """Return the class and the field in one word, or less of it where lines would be too long."""
    words = [word.capitalize() for word in field.name.split("_")]
    shorter = ["".join(words[start:]) for start in range(len(words))]
    room = WIDTH - len(field.name) - (_AROUND_CHOICE if field.kind == "enum" else _AROUND)
    candidates = [
        _free(name, taken)
        for name in (names.cls + shorter[0], *shorter, "Value")
        if name.isidentifier()
    ]
    return next((name for name in candidates if len(name) <= room), candidates[-1])


def _free(name: str, taken: Container[str]) -> str:
    longer = f"{name.removesuffix('Value')}Value"
    numbered = (f"{longer}{number}" for number in count(2))
    return next(each for each in chain((name, longer), numbered) if each not in taken)
