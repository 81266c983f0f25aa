"""The configuration of a Settings class: what its bases, its body and its call say."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from paxx.edits.python import names
from paxx.edits.python.evaluation import UNKNOWN, Evaluator, Options
from paxx.edits.python.module import body, classes, members, read
from paxx.edits.python.settings_class import (
    BASES,
    WITHOUT_FIELDS,
    SettingsClass,
    bases,
    class_named,
)
from paxx.edits.syntax_tree import Source, descendants

CONFIG = "model_config"
_OF_CALLS = re.compile(r"\b_(?:case_sensitive|env_prefix)\b")
_HARMLESS = {"typing.final", "typing_extensions.final"}


@dataclass(frozen=True, slots=True)
class Configuration:
    """Reads the options of the classes of one module; `modules` are others by their names."""

    source: Source
    modules: tuple[tuple[str, str], ...] = ()
    attributes: dict[str, object] = field(default_factory=dict)

    @property
    def evaluator(self) -> Evaluator:
        """Return what evaluates expressions of the module."""
        return Evaluator(self.source, self._attribute)

    def of(self, found: SettingsClass) -> Options:
        """Return the options of a class, with what its instances are made with."""
        options = self._class(found.made, found.lineage[0], frozenset())
        unread = len(_OF_CALLS.findall(self.source.text))
        for name, arguments in self._calls() if unread else ():
            given = self._keywords(arguments, _OF_CALLS)
            unread -= len(given.known)
            options.update(given if name == found.made else Options())
        if unread:  # in a partial call, a mapping, or a call of the base
            options.update(UNKNOWN)
        return options

    def _class(self, name: str, node: Node, known: frozenset[str]) -> Options:
        options = Options()
        for base in bases(self.source, node):
            options.update(self._base(base, known, node))
        for each in body(node):
            options.update(self._stated(each))
        if any(CONFIG in self.source.of(each) for each in members(node) if _is_branch(each)):
            options.update(UNKNOWN)
        arguments = node.child_by_field_name("superclasses")
        if arguments is not None:
            options.update(self._keywords(arguments))
        if self._is_changed(name, node):
            options.update(UNKNOWN)
        return options

    def _is_changed(self, name: str, node: Node) -> bool:
        """Return whether a decorator or a statement below the class may change its options."""
        siblings = node.parent.named_children if node.parent else []
        decorators = (each.named_child(0) for each in siblings if each.type == "decorator")
        imported = names.read(self.source)
        if any(imported.resolve(self.source.of(each)) not in _HARMLESS for each in decorators):
            return True
        stated = rf"\b{name}\.{CONFIG}\s*(?:\[.*\]\s*)?(?:[|]?=(?!=)|\.update\()"
        by_name = rf"\b{name}\s*,\s*[\"']{CONFIG}[\"']"
        return re.search(f"{stated}|{by_name}", self.source.text) is not None

    def _base(self, name: str, known: frozenset[str], above: Node | None = None) -> object:
        node = class_named(self.source, name, above)
        if node is not None:
            return self._class(name, node, known)
        resolved = names.read(self.source).resolve(name)
        if resolved in known | BASES | WITHOUT_FIELDS:
            return Options()
        module, _, owner = resolved.rpartition(".")
        other = Configuration(read(dict(self.modules).get(module, "")), self.modules)
        node = class_named(other.source, owner)
        return UNKNOWN if node is None else other._class(owner, node, known | {resolved})

    def _stated(self, statement: Node) -> object:
        """Return what a statement of a class body says: `model_config`, or a nested `Config`."""
        left, right = (statement.child_by_field_name(side) for side in ("left", "right"))
        if left is not None and self.source.of(left) == CONFIG:
            return UNKNOWN if right is None else self.evaluator.value(self.source.of(right))
        if re.match(rf"{CONFIG}\s*[.\[]", self.source.of(statement)):
            return self._changed(ast.parse(self.source.of(statement)).body[0])
        name = statement.child_by_field_name("name")
        if statement.type != "class_definition" or name is None:
            return Options()
        if self.source.of(name) != "Config":
            return Options()
        options = Options(is_complete=not list(bases(self.source, statement)))
        for each in body(statement):
            left, right = (each.child_by_field_name(side) for side in ("left", "right"))
            if left is not None and right is not None:
                value = self.evaluator.value(self.source.of(right))
                options.known[self.source.of(left)] = value
        return options

    def _changed(self, statement: ast.stmt) -> object:
        """Return what a statement of a class body adds to `model_config`."""
        match statement:
            case ast.Assign([ast.Subscript(slice=ast.Constant(str(key)))], value):
                return Options({key: self.evaluator.value(ast.unparse(value))})
            case ast.Expr(ast.Call(ast.Attribute(attr="update"), positional, keywords)):
                call = ast.Call(ast.Name("dict"), positional, keywords)
                return self.evaluator.value(ast.unparse(call))
        return UNKNOWN

    def _attribute(self, dotted: str) -> object | None:
        owner, _, attribute = dotted.rpartition(".")
        if attribute != CONFIG:
            return None
        if owner not in self.attributes:
            self.attributes[owner] = UNKNOWN  # while a class is made of its own options
            self.attributes[owner] = self._base(owner, frozenset())
        return self.attributes[owner]

    def _calls(self) -> Iterator[tuple[str, Node]]:
        """Yield the classes of the module that are called, and the arguments of each call."""
        known = {name for name, _ in classes(self.source)}
        for node in descendants(self.source.root):
            called = node.child_by_field_name("function") if node.type == "call" else None
            arguments = node.child_by_field_name("arguments")
            if called is not None and arguments is not None and self.source.of(called) in known:
                yield self.source.of(called), arguments

    def _keywords(self, arguments: Node, private: re.Pattern[str] | None = None) -> Options:
        """Return the keyword arguments; of a call those that match a pattern."""
        found = Options()
        for each in arguments.named_children:
            name, value = (each.child_by_field_name(part) for part in ("name", "value"))
            if each.type == "keyword_argument" and name is not None and value is not None:
                key = self.source.of(name)
                if private is None or private.fullmatch(key):
                    evaluated = self.evaluator.value(self.source.of(value))
                    found.known[key.removeprefix("_")] = evaluated
        return found


def _is_branch(node: Node) -> bool:
    return node.type in {"if_statement", "match_statement", "try_statement", "with_statement"}
