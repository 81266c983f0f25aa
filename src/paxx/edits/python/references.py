"""List what a module refers to: by imports, by literals that name modules, by the settings."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from paxx.edits.python import module, names
from paxx.edits.syntax_tree import Source, descendants

_DOTTED = re.compile(r"[^\W\d]\w*(?:[.:][^\W\d]\w*)+")
_BINDINGS = {"assignment", "named_expression", "typed_parameter"}
_BINDINGS |= {"default_parameter", "typed_default_parameter"}


def references(text: str, path: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a module and the names that they refer to, with the names around these.

    A field is `settings.NAME`, also where the file has another name for the settings. A package is
    named by an import alone: a literal such as `"redis"` is mostly no module.
    """
    source = module.parse(text)
    nodes = [*descendants(source.root)]
    known = _Settings(source)
    for node in nodes:
        known.bind(node)
    for node in nodes:
        for found in (*_imported(source, node, path), *_named(source, node), *known.fields(node)):
            yield node.start_point.row + 1, found


def _imported(source: Source, node: Node, path: str) -> Iterator[str]:
    if node.type == "import_statement":
        for name, _ in names.modules(source, node):
            yield from _prefixes(name, 1)
    elif node.type == "import_from_statement":
        written = names.module_of(source, node)
        for name in (written, *names.from_import(source, node).values()):
            yield from _prefixes(_absolute(written, path) + name.removeprefix(written), 1)


def _absolute(written: str, path: str) -> str:
    relative = written.lstrip(".")
    level = len(written) - len(relative)
    folders = path.split("/")[:-level] if level else []
    return ".".join([*folders, *([relative] if relative else [])])


def _named(source: Source, node: Node) -> Iterator[str]:
    """Yield the modules that a literal names, as in `patch("core.cache.get")`."""
    if _DOTTED.fullmatch(_literal(source, node)):
        name = _literal(source, node).replace(":", ".")
        yield from _prefixes(name, 2)
        owner, _, field = name.rpartition(".")
        if _names_settings(owner):
            yield f"settings.{field}"


def _literal(source: Source, node: Node) -> str:
    is_plain = node.type == "string" and [each.type for each in node.children[1:-1]]
    return source.of(node.children[1]) if is_plain == ["string_content"] else ""


def _prefixes(name: str, least: int) -> Iterator[str]:
    parts = name.split(".")
    yield from (".".join(parts[:end]) for end in range(least, len(parts) + 1))


def _names_settings(name: str) -> bool:
    return name.lower().endswith("settings")


class _Settings:
    """The names by which a module knows the settings and their class."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._aliases: set[str] = set()

    def bind(self, node: Node) -> None:
        """Add the names that an import, an assignment or a parameter binds to the settings."""
        if node.type == "import_from_statement":
            bound = names.from_import(self._source, node).items()
            self._aliases |= {name for name, meaning in bound if _names_settings(meaning)}
        elif node.type in _BINDINGS:
            kind, value = node.child_by_field_name("type"), node.children[-1]
            words = re.findall(r"\w+", self._source.of(kind)) if kind else []
            if self._has(value) or any(map(self._is_alias, words)):
                self._aliases.add(self._last(node.children[0]))

    def fields(self, node: Node) -> Iterator[str]:
        """Yield the fields that a node refers to: an attribute, or a literal beside the settings.

        The latter is what `getattr(settings, "redis_url")` has, and `monkeypatch.setattr`.
        """
        if node.type == "attribute" and self._has(node.children[0]):
            yield f"settings.{self._source.of(node.children[-1])}"
        elif node.type == "argument_list":
            given = [each for each in node.named_children if each.type != "comment"]
            literal = _literal(self._source, given[1]) if given[1:] else ""
            if literal and self._has(given[0]):
                yield f"settings.{literal}"

    def _has(self, node: Node) -> bool:
        """Return whether an expression is the settings: a name, an attribute or a call of one."""
        return self._is_alias(self._last(node.children[0] if node.type == "call" else node))

    def _is_alias(self, name: str) -> bool:
        return name in self._aliases or _names_settings(name)

    def _last(self, node: Node) -> str:
        last = node.children[-1] if node.type == "attribute" else node
        return self._source.of(last) if last.type == "identifier" else ""
