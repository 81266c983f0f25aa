"""Parse a YAML document into nodes with positions; ruamel.yaml never writes one."""

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import accumulate
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from paxx.documents import parser_limits
from paxx.edits.splice import check_readable, line_number
from paxx.errors import FileSyntaxError

MERGE = "<<"
_MOST_BRACKETS = 1000
_MOST_VALUES = 1_000_000  # aliases of aliases stand for as many as one likes to write


class _Composer(Composer):
    """Composes folded scalars without the BEL by which ruamel.yaml marks their folds."""

    def compose_scalar_node(self, anchor: Any) -> ScalarNode:
        node: ScalarNode = super().compose_scalar_node(anchor)
        if node.style == ">":
            node.value = node.value.replace("\a", "")
        return node


@lru_cache(maxsize=32)  # the text that one edit verifies is the one that the next edit reads
def read(text: str) -> Node | None:
    """Return the root node of the one document, None where there is none.

    Raises FileSyntaxError for what does not parse, several documents and duplicate keys.
    """
    check_readable(text)
    _check_depth(text)
    yaml = YAML(typ="rt", pure=True)
    yaml.Composer = _Composer
    try:
        with parser_limits():
            root: Node | None = yaml.compose(text)
            size = 0 if root is None else _size(root, {})
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = str(error.problem or error.context).removeprefix("but ")
        raise FileSyntaxError(
            f"not YAML that paxx can edit: {problem}",
            line=mark and mark.line + 1,
        ) from error
    except YAMLError as error:
        line = line_number(text, getattr(error, "position", 0))
        raise FileSyntaxError(f"not YAML: {str(error).splitlines()[0]}", line=line) from error
    if size > _MOST_VALUES:
        raise FileSyntaxError("its aliases stand for more values than any Compose file has")
    _check_keys(root)
    return root


def _check_depth(text: str) -> None:
    """Raise FileSyntaxError for brackets that take ruamel.yaml seconds to give up on."""
    steps = (1 if each in "[{" else -1 for each in re.findall(r"[\[\]{}]", text))
    if max(accumulate(steps), default=0) > _MOST_BRACKETS:
        raise FileSyntaxError("nested too deeply")


def child(node: Node | None, key: str) -> Node | None:
    """Return the value of a key that the mapping itself has."""
    return pairs(node).get(key)


def pairs(node: Node | None) -> dict[str, Node]:
    """Return the values of a mapping by key, nothing for any other node."""
    if not isinstance(node, MappingNode):
        return {}
    return {key.value: value for key, value in node.value if isinstance(key, ScalarNode)}


def merged(node: Node | None) -> dict[str, Node]:
    """Return what a mapping gets from others by `<<`, and they from others again."""
    source = child(node, MERGE)
    if source is None:
        return {}
    sources = source.value if isinstance(source, SequenceNode) else [source]
    found: dict[str, Node] = {}
    for each in reversed(sources):
        found |= merged(each) | pairs(each)
    return found


def complete(node: Node | None) -> dict[str, Node]:
    """Return the values of a mapping by key, with those that it gets by `<<`."""
    return merged(node) | pairs(node)


def keys(node: Node | None) -> list[str]:
    """Return what a section names, be it a mapping or a list; variables without their values."""
    if isinstance(node, SequenceNode):
        return [str(each.value).partition("=")[0] for each in node.value]
    return list(complete(node))


def scalar(node: Node | None) -> str:
    """Return what is written as a scalar, nothing for any other node."""
    return str(node.value) if isinstance(node, ScalarNode) else ""


def is_unset(node: Node | None) -> bool:
    """Tell whether nothing at all is written behind the key of the node."""
    return isinstance(node, ScalarNode) and node.value == "" and node.style is None


def is_block(node: Node | None) -> bool:
    """Tell whether the node is a mapping or list with one entry a line."""
    return isinstance(node, MappingNode | SequenceNode) and not node.flow_style


def plain(node: Node | None) -> Any:
    """Return the data of a node in a form that can be compared; scalars with their tags."""
    if isinstance(node, MappingNode):
        return {_hashable(key): plain(value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [plain(value) for value in node.value]
    return None if node is None else (str(node.tag), node.value)


def parsed(text: str) -> Any:
    """Return the data of a text of ours."""
    return plain(read(text))


def result(text: str) -> Any:
    """Return the data of an edited text, None where it does not parse."""
    try:
        return parsed(text)
    except FileSyntaxError:
        return None


def with_value(data: Any, path: tuple[str, ...], value: Any) -> Any:
    """Return the data with the value at a path of keys; missing mappings are made."""
    if not path:
        return value
    known = data if isinstance(data, Mapping) else {}
    return {**known, path[0]: with_value(known.get(path[0]), path[1:], value)}


def _hashable(key: Node) -> Any:
    return key.value if isinstance(key, ScalarNode) else str(plain(key))


def _size(node: Node, known: dict[int, int | None]) -> int:
    """Return how many values a node stands for, each alias counted as what it stands for."""
    if id(node) in known:
        size = known[id(node)]
        if size is None:
            raise FileSyntaxError("nested without end: an anchor contains itself")
        return size
    known[id(node)] = None
    children = [] if isinstance(node, ScalarNode) else node.value
    parts = [part for each in children for part in (each if isinstance(each, tuple) else [each])]
    known[id(node)] = size = 1 + sum(_size(part, known) for part in parts)
    return size


def _check_keys(root: Node | None) -> None:
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, SequenceNode):
            waiting += node.value
        elif isinstance(node, MappingNode):
            waiting += [value for _, value in node.value]
            _check_duplicates(node)


def _check_duplicates(node: MappingNode) -> None:
    seen = set()
    for key, _ in node.value:
        name = _hashable(key)
        if name in seen and name != MERGE:
            raise FileSyntaxError(f"duplicate key `{name}`", line=key.start_mark.line + 1)
        seen.add(name)
