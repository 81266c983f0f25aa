"""Recognise an environment variable as the Settings class does, whatever its spelling."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

_SORTED_AS = {"db": "postgres", "db-data": "postgres-data", "ENVIRONMENT": "PROJECT"}


def sort_key(name: str) -> str:
    """Return what a service, a volume or a variable of the Compose file is sorted by.

    Those of the project template stand amid those of components, so that two branches that add
    different components rarely change the same place.
    """
    return _SORTED_AS.get(name, name)


@dataclass(frozen=True, slots=True)
class Naming:
    """The rule by which a variable is the one that is wanted.

    `alternatives` are further names by variable. `unknown` is the reason why the class may read
    another name: then any name counts that ends like it. `no_value` is the reason why there is
    none to write.
    """

    alternatives: Mapping[str, Sequence[str]] = field(default_factory=dict)
    is_exact: bool = False
    unknown: str = ""
    no_value: str = ""

    @property
    def reason(self) -> str:
        """Return why the variable is left to the user, or nothing."""
        return self.unknown or self.no_value

    def find(self, variable: str, keys: Iterable[str]) -> str | None:
        """Return the key that sets a variable, None where none does."""
        keys = tuple(keys)
        if variable in keys:
            return variable
        if self.unknown:
            end = _letters(variable)
            return next((key for key in keys if _letters(key).endswith(end)), None)
        names = (variable, *self.alternatives.get(variable, ()))
        wanted = {self._folded(each) for each in names}
        return next((key for key in keys if self._folded(key) in wanted), None)

    def _folded(self, name: str) -> str:
        return name if self.is_exact else name.lower()


EXACT = Naming(is_exact=True)
READ_BY_DEFAULT = Naming()


def _letters(name: str) -> str:
    return name.replace("_", "").lower()
