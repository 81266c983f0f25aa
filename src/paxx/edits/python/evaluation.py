"""Evaluate expressions of a module, as far as the same file holds what they are made of.

Nothing is executed: constants, names, mappings and text are put together, all else is computed.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from paxx.edits.python import names
from paxx.edits.python.module import statements
from paxx.edits.syntax_tree import Source

_MAPPINGS = {"dict", "pydantic.ConfigDict", "pydantic_settings.SettingsConfigDict"}
_LONGEST = 200
"""Characters of a text: a longer one is no prefix, and may be one that doubles itself."""


@dataclass(frozen=True, slots=True)
class Computed:
    """A value that is computed, or that another module holds, by its expression."""

    expression: ast.expr | None = None


UNKNOWN = Computed()


@dataclass(slots=True)
class Options:
    """A mapping of which all is known, or only the entries that are there."""

    known: dict[str, object] = field(default_factory=dict)
    is_complete: bool = True

    def get(self, name: str) -> object:
        """Return the value of an entry, None where there is none, UNKNOWN where there may be."""
        return self.known.get(name, None if self.is_complete else UNKNOWN)

    def update(self, other: object) -> None:
        """Let the entries of another mapping win; one that is unknown may hold any."""
        if not isinstance(other, Options):
            other = Options(is_complete=False)
        if not other.is_complete:
            self.known.clear()
            self.is_complete = False
        self.known |= other.known


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Evaluates expressions of one module; `attribute` gives the value of a dotted name."""

    source: Source
    attribute: Callable[[str], object | None]
    evaluated: dict[str, object] = field(default_factory=dict)

    def value(self, text: str) -> object:
        """Return the value of an expression."""
        try:
            return self.evaluate(ast.parse(text.strip(), mode="eval").body)
        except (RecursionError, SyntaxError, TypeError, ValueError):
            return UNKNOWN

    def evaluate(self, node: ast.expr) -> object:
        """Return the value of an expression that is parsed."""
        match node:
            case ast.Constant(value):
                return value
            case ast.Name():
                return self._named(node)
            case ast.Attribute():
                found = self.attribute(ast.unparse(node))
                return Computed(node) if found is None else found
            case ast.Call():
                return self._call(node)
        parts = self._parts(node)
        return Computed(node) if parts is None else _joined(parts)

    def _parts(self, node: ast.expr) -> list[object] | None:
        """Return the texts or mappings that an expression puts together."""
        match node:
            case ast.Dict(keys, values):
                return [self._mapping(zip(keys, values, strict=True))]
            case ast.JoinedStr(parts):
                return [self.evaluate(each) for each in parts]
            case ast.FormattedValue(value, -1, None):
                found = self.evaluate(value)
                return [str(found) if isinstance(found, int) else found]
            case ast.BinOp(left, ast.Add() | ast.BitOr(), right):
                return [self.evaluate(left), self.evaluate(right)]
        return None

    def dotted(self, node: ast.expr) -> str:
        """Return what a name stands for through the imports, nothing for other expressions."""
        is_name = isinstance(node, ast.Name | ast.Attribute)
        return names.read(self.source).resolve(ast.unparse(node)) if is_name else ""

    def _named(self, node: ast.Name) -> object:
        if node.id not in self.evaluated:
            self.evaluated[node.id] = UNKNOWN  # while a name stands for itself
            text = bound(self.source, node.id)
            self.evaluated[node.id] = Computed(node) if text is None else self.value(text)
        return self.evaluated[node.id]

    def _mapping(self, pairs: Iterable[tuple[ast.expr | None, ast.expr]]) -> Options:
        found = Options()
        for key, value in pairs:
            name = None if key is None else self.evaluate(key)
            evaluated = self.evaluate(value)
            found.update(Options({name: evaluated}) if isinstance(name, str) else evaluated)
        return found

    def _call(self, call: ast.Call) -> object:
        if self.dotted(call.func) in _MAPPINGS:
            keywords = [(ast.Constant(k.arg) if k.arg else None, k.value) for k in call.keywords]
            return self._mapping([*((None, each) for each in call.args), *keywords])
        match call:
            case ast.Call(ast.Attribute(owner, "copy"), [], []):
                found = self.evaluate(owner)
                return found if isinstance(found, Options) else Computed(call)
        return Computed(call)


def bound(source: Source, name: str) -> str | None:
    """Return the expression that a module binds to a name once, and never changes."""
    if _bindings(source.text)[name] != 1:
        return None
    for statement in statements(source):
        left, right = (statement.child_by_field_name(side) for side in ("left", "right"))
        if left is not None and right is not None and source.of(left) == name:
            return source.of(right)
    return None


@lru_cache(maxsize=8)
def _bindings(text: str) -> Counter[str]:
    """Return how often a module, in any scope, binds each name or changes what it stands for."""
    try:
        nodes = ast.walk(ast.parse(text))
    except (RecursionError, SyntaxError, ValueError):
        return Counter()
    return Counter(name for node in nodes for name in _bound_by(node))


def _bound_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(name, ast.Store() | ast.Del()):
            yield name
        case ast.Subscript(ast.Name(name), _, ast.Store() | ast.Del()):
            yield name
        case ast.Call(ast.Attribute(ast.Name(name), "update" | "pop" | "clear" | "setdefault")):
            yield name
        case ast.alias(name, other):
            yield other or name.partition(".")[0]
        case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
            yield name
        case ast.ExceptHandler(_, str(name)):
            yield name


def _joined(parts: list[object]) -> object:
    """Return texts or mappings as one, of which the later wins."""
    if all(isinstance(part, str) for part in parts):
        text = "".join(map(str, parts))
        return text if len(text) <= _LONGEST else UNKNOWN
    if not any(isinstance(part, Options) for part in parts):
        return UNKNOWN
    merged = Options()
    for part in parts:
        merged.update(part)
    return merged
