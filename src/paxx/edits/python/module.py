"""Parse a Python module: tree-sitter locates, the interpreter judges, newer syntax passes."""

import symtable
import warnings
from collections.abc import Iterator
from functools import lru_cache

import tree_sitter_python
from tree_sitter import Language, Node

from paxx.edits import syntax_tree
from paxx.edits.splice import check_readable
from paxx.edits.syntax_tree import Source, descendants
from paxx.errors import FileSyntaxError

_LANGUAGE = Language(tree_sitter_python.language())
_PYTHON_2 = {"print_statement", "exec_statement"}


@lru_cache(maxsize=32)  # the text that one edit verifies is the one that the next edit reads
def read(text: str) -> Source:
    """Return the parsed module.

    Syntax that is newer than the running interpreter is accepted where tree-sitter knows it.
    Raises FileSyntaxError for everything else that does not parse.
    """
    check_readable(text)
    source = syntax_tree.parse(text, _LANGUAGE)
    error = _error(text)
    if error is not None and (isinstance(error, IndentationError) or _is_wrong(source.root)):
        raise FileSyntaxError(f"not Python: {error.msg}", line=error.lineno)
    return source


def statements(source: Source) -> list[Node]:
    """Return the statements of the module, without comments; expressions and assignments bare."""
    return [bare(node) for node in source.root.named_children if node.type != "comment"]


def bare(statement: Node) -> Node:
    """Return the expression or assignment that a statement consists of, else the statement."""
    if statement.type == "expression_statement" and statement.named_child_count == 1:
        return statement.named_children[0]
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


def body(definition: Node) -> Iterator[Node]:
    """Yield the statements of a class definition, expressions and assignments bare."""
    block = definition.child_by_field_name("body")
    for node in block.named_children if block else []:
        if node.type != "comment":
            yield bare(node)


def _error(text: str) -> SyntaxError | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Parses as `ast` does, but makes no object of each node: half the time.
            symtable.symtable(text, "<module>", "exec")
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError) as error:
        return SyntaxError(str(error))
    return None


def _is_wrong(root: Node) -> bool:
    return root.has_error or any(node.type in _PYTHON_2 for node in descendants(root))
