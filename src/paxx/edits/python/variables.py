"""Which environment variables a Settings class reads its fields from, by its own rule.

https://docs.pydantic.dev/latest/concepts/pydantic_settings/#environment-variable-names
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tree_sitter import Node

from paxx.edits.inspected import Variables
from paxx.edits.python.evaluation import UNKNOWN, Computed, Evaluator, Options
from paxx.edits.python.fields import fields_present
from paxx.edits.python.model_config import Configuration
from paxx.edits.python.module import members, read
from paxx.edits.python.settings_class import SettingsClass, find
from paxx.edits.syntax_tree import Source


def _pascal(name: str) -> str:
    return "".join(word.title() for word in name.split("_"))


_GENERATORS: Mapping[str, Callable[[str], str]] = {
    "pydantic.alias_generators.to_camel": lambda name: name[:1] + _pascal(name)[1:],
    "pydantic.alias_generators.to_pascal": _pascal,
    "pydantic.alias_generators.to_snake": lambda name: re.sub(r"(?<=[a-z])(?=\d)", "_", name),
    "str.lower": str.lower,
    "str.upper": str.upper,
}

_BY_NAME = ("populate_by_name", "validate_by_name")
_FIELDS = {"pydantic.Field", "pydantic.fields.Field"}


class _UnknownError(Exception):
    """A name that the file does not tell; says why."""


@lru_cache(maxsize=8)  # each component asks, and a class may have thousands of fields
def settings_variables(
    text: str, settings: tuple[str, ...], modules: tuple[tuple[str, str], ...] = ()
) -> Variables:
    """Return the variables of settings, be they fields of the class already or not.

    `modules` are those that may define bases of the class, as the module names them.
    """
    source = read(text)
    found = find(source)
    if isinstance(found, str):  # whatever reads the variables, it has no rule that is known
        return Variables()
    fields = fields_present(source, found) if "alias" in text else {}
    rule = _Rule(found.made, *_configuration(source, found, modules))
    names: dict[str, tuple[str, ...]] = {}
    unknown: dict[str, str] = {}
    for setting in settings:
        try:
            names[setting] = tuple(dict.fromkeys(rule.names(setting, fields.get(setting))))
        except _UnknownError as error:
            unknown[setting] = str(error)
    return Variables(names, unknown, rule.options.get("case_sensitive") is True)


def _configuration(
    source: Source, found: SettingsClass, modules: tuple[tuple[str, str], ...]
) -> tuple[Source, Options, Evaluator, bool]:
    configuration = Configuration(source, modules)
    options = configuration.of(found)
    sources = [
        each
        for definition in found.lineage
        for each in members(definition)
        if "def settings_customise_sources(" in source.of(each)
    ]
    is_read = not sources or source.of(sources[0]).count("env_settings") > 1
    return source, options, configuration.evaluator, is_read


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    source: Source
    options: Options
    evaluator: Evaluator
    is_environment_read: bool

    def names(self, setting: str, field: Node | None) -> Iterator[str]:
        """Yield the variables of a setting, the one to write first."""
        if not self.is_environment_read:
            raise _UnknownError(
                f"`settings_customise_sources` of `{self.name}` leaves the environment out"
            )
        spelled = str if self._constant("case_sensitive") else str.upper
        prefix = str(self._constant("env_prefix") or "")
        prefixed = self.options.known.get("env_prefix_target") or "variable"
        aliases = []
        if self.options.known.get("validate_by_alias") is not False:
            aliases = self._explicit(setting, field) or self._generated(setting)
        by_name = [self.options.known.get(each) for each in _BY_NAME]
        if not aliases or True in by_name:
            yield spelled(prefix * (prefixed != "alias") + setting)
        yield from (spelled(prefix * (prefixed != "variable") + each) for each in aliases)

    def _constant(self, option: str) -> object:
        found = self.options.get(option)
        if not isinstance(found, Computed):
            return found
        if option in self.options.known:
            raise _UnknownError(f"`{option}` of `{self.name}` is not a constant of its module")
        raise _UnknownError(f"`model_config` of `{self.name}` is not all in its module")

    def _explicit(self, setting: str, field: Node | None) -> list[str]:
        """Return the aliases that a field of the class is given."""
        given = self._arguments(field)
        alias = given.get("validation_alias") or given.get("alias")
        choices = [] if alias is None else sorted(self._choices(alias), key=lambda each: each[0])
        if choices and choices[0][0]:
            raise _UnknownError(f"the alias of `{setting}` is a path into a variable")
        return self._known([name for _, name in choices], f"the alias of `{setting}`")

    def _generated(self, setting: str) -> list[str]:
        if not self.options.is_complete:
            self._constant("alias_generator")
        generator = self.options.known.get("alias_generator")
        if isinstance(generator, Computed) and isinstance(generator.expression, ast.Call):
            given = {each.arg: each.value for each in generator.expression.keywords}
            chosen = given.get("validation_alias") or given.get("alias")
            generator = None if chosen is None else self.evaluator.evaluate(chosen)
        function = generator.expression if isinstance(generator, Computed) else None
        if function is None:
            return []
        known = _GENERATORS.get(self.evaluator.dotted(function))
        name = known(setting) if known else UNKNOWN
        return self._known([name], f"`alias_generator` of `{self.name}`")

    def _known(self, names: Sequence[object], what: str) -> list[str]:
        known = [each for each in names if isinstance(each, str)]
        if len(known) < len(names):
            raise _UnknownError(f"{what} is not a constant of its module")
        return known

    def _arguments(self, field: Node | None) -> dict[str | None, ast.expr]:
        """Return the keyword arguments of the `Field` of a field, also of one in `Annotated`."""
        parts = (field.child_by_field_name(part) for part in ("right", "type") if field)
        for part in (each for each in parts if each):
            for node in ast.walk(ast.parse(self.source.of(part).strip())):
                if isinstance(node, ast.Call) and self.evaluator.dotted(node.func) in _FIELDS:
                    return {each.arg: each.value for each in node.keywords}
        return {}

    def _choices(self, alias: ast.expr) -> Iterator[tuple[bool, object]]:
        """Yield whether an alias is a path into a variable, and the name of the variable."""
        called = self.evaluator.dotted(alias.func) if isinstance(alias, ast.Call) else ""
        if isinstance(alias, ast.Call) and called.endswith("AliasChoices"):
            for each in alias.args:
                yield from self._choices(each)
        elif isinstance(alias, ast.Call) and called.endswith("AliasPath"):
            yield True, self.evaluator.evaluate(alias.args[0]) if alias.args else UNKNOWN
        else:
            yield False, self.evaluator.evaluate(alias)
