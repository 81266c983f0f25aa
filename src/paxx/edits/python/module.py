"""Parse a Python module: tree-sitter locates, the interpreter judges, newer syntax passes."""

from collections import deque
from collections.abc import Iterator
from functools import lru_cache

import tree_sitter_python
from tree_sitter import Language, Node

from paxx.edits import syntax_tree
from paxx.edits.python import verdict
from paxx.edits.splice import check_readable
from paxx.edits.syntax_tree import Source, descendants
from paxx.errors import FileSyntaxError

_LANGUAGE = Language(tree_sitter_python.language())
_PYTHON_2 = {"print_statement", "exec_statement"}
passed: deque[Source] = deque(maxlen=32)


def parse(text: str, known: Source | None = None) -> Source:
    """Return the module as far as it parses; syntax newer than the interpreter is no error."""
    return syntax_tree.parse(text, _LANGUAGE, known)


@lru_cache(maxsize=32)  # the text that one edit verifies is the one that the next edit reads
def read(text: str) -> Source:
    """Return the parsed module.

    Syntax that is newer than the running interpreter is accepted where tree-sitter knows it.
    Raises FileSyntaxError for everything else that does not parse.
    """
    check_readable(text)
    known = _nearest(text.encode())
    source = parse(text, known)
    error = _error(source, known)
    if error is None:
        passed.append(source)
    elif isinstance(error, IndentationError) or _is_wrong(source.root):
        raise FileSyntaxError(f"not Python: {error.msg}", line=error.lineno)
    return source


def _nearest(data: bytes) -> Source | None:
    """Return the module that differs least: what is known of it need not be found out again."""

    def changed(source: Source) -> int:
        place = syntax_tree.difference(source.data, data)
        return place.new_end - place.start

    nearest = min(passed, key=changed, default=None)
    return nearest if nearest and changed(nearest) < len(data) / 2 else None


def _error(source: Source, known: Source | None) -> SyntaxError | None:
    if known is not None and not source.root.has_error:
        bodies = ([members(node) for _, node in classes(each)] for each in (known, source))
        place = syntax_tree.difference(known.data, source.data)
        if verdict.error_in(verdict.around(source.data, place, *bodies)) is None:
            return None
    return verdict.error_in(source.data)


def statements(source: Source) -> list[Node]:
    """Return the statements of the module, without comments; expressions and assignments bare."""
    return [bare(node) for node in source.root.named_children if node.type != "comment"]


def bare(statement: Node) -> Node:
    """Return the expression or assignment that a statement consists of, else the statement."""
    if statement.type == "expression_statement" and statement.named_child_count == 1:
        return statement.named_child(0)
    return statement


def classes(source: Source) -> list[tuple[str, Node]]:
    """Return the classes that the module defines at its top level, with their names."""
    found = []
    for statement in statements(source):
        node = statement.child_by_field_name("definition") or statement
        name = node.child_by_field_name("name")
        if node.type == "class_definition" and name is not None:
            found.append((source.of(name), node))
    return found


@lru_cache(maxsize=16)  # a class may have thousands, and an edit asks for them several times
def members(definition: Node) -> tuple[Node, ...]:
    """Return the statements of a class definition, without comments."""
    block = definition.child_by_field_name("body")
    return tuple(node for node in block.named_children if node.type != "comment") if block else ()


def body(definition: Node) -> Iterator[Node]:
    """Yield the statements of a class definition, expressions and assignments bare."""
    return map(bare, members(definition))


def _is_wrong(root: Node) -> bool:
    return root.has_error or any(node.type in _PYTHON_2 for node in descendants(root))
