"""Evaluate expressions of a module, as far as the same file holds what they are made of.

Nothing is executed: constants, names, mappings and text are put together, all else is computed.
"""

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from paxx.edits.python import names
from paxx.edits.python.module import statements
from paxx.edits.syntax_tree import Source

_MAPPINGS = {"dict", "pydantic.ConfigDict", "pydantic_settings.SettingsConfigDict"}
_TEXT_METHODS = {"capitalize", "lower", "removeprefix", "removesuffix", "replace", "title", "upper"}


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

    def value(self, text: str) -> object:
        """Return the value of an expression."""
        try:
            return self.of(ast.parse(text.strip(), mode="eval").body, {})
        except (RecursionError, SyntaxError, TypeError, ValueError):
            return UNKNOWN

    def of(self, node: ast.expr, local: Mapping[str, object]) -> object:
        """Return the value of an expression that is parsed; `local` are names that are bound."""
        match node:
            case ast.Constant(value):
                return value
            case ast.Name(name):
                return local[name] if name in local else self._named(node)
            case ast.Attribute():
                found = self.attribute(ast.unparse(node))
                return Computed(node) if found is None else found
            case ast.Call():
                return self._call(node, local)
        parts = self._parts(node, local)
        return Computed(node) if parts is None else _joined(parts)

    def _parts(self, node: ast.expr, local: Mapping[str, object]) -> list[object] | None:
        """Return the texts or mappings that an expression puts together."""
        match node:
            case ast.Dict(keys, values):
                return [self._mapping(zip(keys, values, strict=True), local)]
            case ast.JoinedStr(parts):
                return [self.of(each, local) for each in parts]
            case ast.FormattedValue(value, -1, None):
                found = self.of(value, local)
                return [str(found) if isinstance(found, int) else found]
            case ast.BinOp(left, ast.Add() | ast.BitOr(), right):
                return [self.of(left, local), self.of(right, local)]
        return None

    def result(self, function: ast.expr, argument: str) -> object:
        """Return what a function of this module, which is one expression, makes of a text."""
        text = bound(self.source, function.id) if isinstance(function, ast.Name) else None
        [node] = ast.parse(text).body if text else [ast.Expr(function)]
        match node:
            case ast.Expr(ast.Lambda(ast.arguments(args=[parameter]), body)):
                return self.of(body, {parameter.arg: argument})
            case ast.FunctionDef(args=ast.arguments(args=[parameter])):
                last = node.body[-1]
                is_one = all(isinstance(each, ast.Expr) for each in node.body[:-1])
                if is_one and isinstance(last, ast.Return) and last.value:
                    return self.of(last.value, {parameter.arg: argument})
        return UNKNOWN

    def dotted(self, node: ast.expr) -> str:
        """Return what a name stands for through the imports, nothing for other expressions."""
        is_name = isinstance(node, ast.Name | ast.Attribute)
        return names.read(self.source).resolve(ast.unparse(node)) if is_name else ""

    def _named(self, node: ast.Name) -> object:
        text = bound(self.source, node.id)
        if text is None or re.search(rf"\b{node.id}\b", text):  # also a function, by its `def`
            return Computed(node)
        return self.value(text)

    def _mapping(
        self, pairs: Iterable[tuple[ast.expr | None, ast.expr]], local: Mapping[str, object]
    ) -> Options:
        found = Options()
        for key, value in pairs:
            name = None if key is None else self.of(key, local)
            evaluated = self.of(value, local)
            found.update(Options({name: evaluated}) if isinstance(name, str) else evaluated)
        return found

    def _call(self, call: ast.Call, local: Mapping[str, object]) -> object:
        if self.dotted(call.func) in _MAPPINGS:
            keywords = [(ast.Constant(k.arg) if k.arg else None, k.value) for k in call.keywords]
            return self._mapping([*((None, each) for each in call.args), *keywords], local)
        if not isinstance(call.func, ast.Attribute) or call.keywords:
            return Computed(call)
        owner, method = self.of(call.func.value, local), call.func.attr
        arguments = [self.of(each, local) for each in call.args]
        if isinstance(owner, Options) and (method, arguments) == ("copy", []):
            return owner
        is_text = all(isinstance(each, str) for each in (owner, *arguments))
        if not is_text or method not in _TEXT_METHODS:
            return Computed(call)
        return getattr(owner, method)(*arguments)


def bound(source: Source, name: str) -> str | None:
    """Return the expression or function that a module binds to a name once, and never changes."""
    changes = re.findall(rf"(?m)^\s*{name}\s*(?::[^=\n]+)?(?:\[.*\]\s*)?[|+]?=(?!=)", source.text)
    if len(changes) > 1 or re.search(rf"\b{name}\.(?:update|pop|clear|setdefault)\(", source.text):
        return None
    for statement in statements(source):
        left, right = (statement.child_by_field_name(side) for side in ("left", "right"))
        if left is not None and right is not None and source.of(left) == name:
            return source.of(right)
        named = statement.child_by_field_name("name")
        if statement.type == "function_definition" and named and source.of(named) == name:
            return source.of(statement)
    return None


def _joined(parts: list[object]) -> object:
    """Return texts or mappings as one, of which the later wins."""
    if all(isinstance(part, str) for part in parts):
        return "".join(map(str, parts))
    if not any(isinstance(part, Options) for part in parts):
        return UNKNOWN
    merged = Options()
    for part in parts:
        merged.update(part)
    return merged
