"""Execute a module of a project: the standard library is real, everything else stands for itself.

A stand-in knows the dotted name that reached it, so that an executed `wiring.py` tells what each
of its lists means, through whatever imports.
"""

import builtins
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from paxx import catalog

OURS = frozenset(
    path.removesuffix(".py").replace("/", ".")
    for component in catalog.load_all()
    for path, _ in component.payload()
    if path.startswith("core/")
)
"""The modules of components: reached only where they are imported, as in a package they are."""


class StandIn:
    """What a dotted name stands for: a module, a class, a function, all at once."""

    def __init__(self, dotted: str, loaded: set[str]) -> None:
        self._dotted = dotted
        self._loaded = loaded

    def __getattr__(self, name: str) -> "StandIn":
        dotted = f"{self._dotted}.{name}"
        if name.startswith("__") or (dotted in OURS and dotted not in self._loaded):
            raise AttributeError(dotted)
        return StandIn(dotted, self._loaded)

    def __call__(self, *_: object, **__: object) -> "StandIn":
        return StandIn(f"{self._dotted}(…)", self._loaded)

    def __getitem__(self, key: object) -> "StandIn":
        return StandIn(f"{self._dotted}[…]", self._loaded)

    def __or__(self, other: object) -> "StandIn":
        return self

    def __add__(self, other: list[object]) -> list[object]:
        return [self, *other]

    def __iter__(self) -> Iterator["StandIn"]:
        return iter([StandIn(f"{self._dotted}[*]", self._loaded)])

    def __eq__(self, other: object) -> bool:
        return repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(self._dotted)

    def __repr__(self) -> str:
        return self._dotted

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return (type(self._dotted, (), {"__init__": _accept, "__init_subclass__": _accept}),)


def _accept(*_: object, **__: object) -> None:
    return None


def execute(source: bytes, module: str, package: str = "") -> dict[str, Any]:
    """Return the names that a module binds. Raises what the module raises."""
    loaded: set[str] = set()

    def import_module(
        name: str,
        variables: Mapping[str, object] | None = None,
        local: Mapping[str, object] | None = None,
        names: tuple[str, ...] | None = (),
        level: int = 0,
    ) -> object:
        if not level and name.partition(".")[0] in sys.stdlib_module_names:
            return builtins.__import__(name, variables, local, names or ())
        absolute = ".".join([package] * bool(level) + [name] * bool(name)) or module
        parts = absolute.split(".")
        loaded.update(".".join(parts[: end + 1]) for end in range(len(parts)))
        loaded.update(f"{absolute}.{each}" for each in names or ())
        return StandIn(absolute if names else parts[0], loaded)

    bound: dict[str, Any] = {
        "__name__": module,
        "__builtins__": {**vars(builtins), "__import__": import_module},
    }
    exec(compile(source, f"{module}.py", "exec", dont_inherit=True), bound)
    return bound
