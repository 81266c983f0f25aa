"""The configuration of a Settings class: what its bases, its body and its call say."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from paxx.edits.python import names
from paxx.edits.python.evaluation import UNKNOWN, Evaluator, Options
from paxx.edits.python.module import body, members, read
from paxx.edits.python.settings_class import (
    BASES,
    WITHOUT_FIELDS,
    SettingsClass,
    bases,
    class_named,
)
from paxx.edits.syntax_tree import Source, descendants

CONFIG = "model_config"
_OF_CALLS = ("_case_sensitive", "_env_prefix")


@dataclass(frozen=True, slots=True)
class Configuration:
    """Reads the options of the classes of one module; `modules` are others by their names."""

    source: Source
    modules: tuple[tuple[str, str], ...] = ()

    @property
    def evaluator(self) -> Evaluator:
        """Return what evaluates expressions of the module."""
        return Evaluator(self.source, self._attribute)

    def of(self, found: SettingsClass) -> Options:
        """Return the options of a class, with what its instances are made with."""
        options = self._class(found.made, found.lineage[0], frozenset())
        for call in self._calls(found.made):
            options.update(self._keywords(call, _OF_CALLS))
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
        changed = rf"\b{name}\.{CONFIG}\s*(?:\[.*\]\s*)?(?:[|]?=(?!=)|\.update\()"
        if re.search(changed, self.source.text):
            options.update(UNKNOWN)
        return options

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

    def _attribute(self, dotted: str) -> object | None:
        owner, _, attribute = dotted.rpartition(".")
        return self._base(owner, frozenset()) if attribute == CONFIG else None

    def _calls(self, name: str) -> Iterator[Node]:
        if not any(each in self.source.text for each in _OF_CALLS):
            return
        for node in descendants(self.source.root):
            called = node.child_by_field_name("function") if node.type == "call" else None
            arguments = node.child_by_field_name("arguments")
            if called is not None and arguments is not None and self.source.of(called) == name:
                yield arguments

    def _keywords(self, arguments: Node, private: tuple[str, ...] = ()) -> Options:
        """Return the keyword arguments; of a call those that begin with an underscore."""
        found = Options()
        for each in arguments.named_children:
            name, value = (each.child_by_field_name(part) for part in ("name", "value"))
            if each.type == "keyword_argument" and name is not None and value is not None:
                key = self.source.of(name)
                if not private or key in private:
                    evaluated = self.evaluator.value(self.source.of(value))
                    found.known[key.removeprefix("_")] = evaluated
        return found


def _is_branch(node: Node) -> bool:
    return node.type in {"if_statement", "match_statement", "try_statement", "with_statement"}
