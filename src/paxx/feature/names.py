"""What a feature is called, one of it and several, in code, in the database and over HTTP."""

from dataclasses import dataclass

from paxx.feature import english, reserved
from paxx.feature.symbols import TAKEN
from paxx.titles import FEATURE

_SCHEMAS = ("Create", "Update", "Read", "Query")
LONGEST = 40
"""Leaves room for constraints below the 63 characters of a PostgreSQL identifier."""


@dataclass(frozen=True, slots=True)
class Names:
    """`module` is the folder in `features/`; `one` and `many` are words with underscores."""

    module: str
    one: str
    many: str

    @property
    def cls(self) -> str:
        """Return the name of the model: `OrderItem`, or `DayRow` where there is a `Day`."""
        name = "".join(word.capitalize() for word in self.one.split("_"))
        is_taken = any(name + each in TAKEN for each in ("", *_SCHEMAS))
        return f"{name}Row" if is_taken else name

    @property
    def schemas(self) -> tuple[str, ...]:
        """Return the names of the schemas: `OrderItemCreate` and so on."""
        return tuple(self.cls + each for each in _SCHEMAS)

    @property
    def error(self) -> str:
        """Return the name of the error for what is not there, unless it is Python's own."""
        name = f"{self.cls}NotFoundError"
        return f"{self.cls}RowNotFoundError" if name in TAKEN else name

    @property
    def table(self) -> str:
        """Return the name of the table: `order_items`."""
        return self.many

    @property
    def path(self) -> str:
        """Return the path of the collection: `/order-items`."""
        return "/" + self.many.replace("_", "-")

    @property
    def component(self) -> str:
        """Return the name under which the project has it on record."""
        return FEATURE + self.module


def parse(module: str, one: str | None = None, many: str | None = None) -> Names:
    """Return the names of a feature; `one` and `many` are taken from its name where not given.

    Raises UsageError, naming the rule and a name that would do.
    """
    reserved.check_feature(module, LONGEST)
    for given in (one, many):
        if given is not None:
            reserved.check_feature(given, LONGEST)
    guessed = english.singular(module)
    guessed_one, guessed_many = (
        (module, english.plural(module)) if guessed is None else (guessed, module)
    )
    return Names(module, one or guessed_one, many or guessed_many)
