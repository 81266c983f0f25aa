"""Read the files of a project, with other parsers than paxx edits with where there are some."""

import ast
import json
import re
import tomllib
from typing import Any

import tree_sitter_python
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.nodes import Node
from tree_sitter import Language, Parser

_PYTHON = Parser(Language(tree_sitter_python.language()))
_VARIABLE = re.compile(
    r"""(?:export[ ]+)?(?P<key>\w+)[ ]*=[ ]*
    (?P<value>"(?:\\.|[^"\\])*"|'[^']*'|[^\n]*?)[ ]*(?:[#].*)?$""",
    re.VERBOSE | re.MULTILINE,
)


class _Compose(SafeConstructor):
    """Compose knows tags of its own, such as `!reset`."""

    def tagged(self, node: Node) -> Any:
        return [str(node.tag), node.value]


_Compose.add_constructor(None, _Compose.tagged)


def toml(raw: bytes) -> dict[str, Any]:
    """Return the data of a TOML file."""
    return tomllib.loads(raw.decode("utf-8-sig"))


def yaml(raw: bytes) -> Any:
    """Return the data of a YAML file, with its merge keys resolved."""
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = _Compose
    return reader.load(raw.decode("utf-8-sig"))


def variables(raw: bytes) -> list[tuple[str, str]]:
    """Return the variables of a dotenv file in their order; raises ValueError for other lines."""
    text, found, offset = raw.decode().replace("\r\n", "\n"), [], 0
    while offset < len(text):
        line = text[offset:].partition("\n")[0]
        if not line.strip() or line.startswith("#"):
            offset += len(line) + 1
            continue
        match = _VARIABLE.match(text, offset)
        if match is None:
            raise ValueError(line)
        value = match["value"]
        found.append((match["key"], value[1:-1] if value[:1] in {"'", '"'} else value.strip()))
        offset = match.end() + 1
    return found


def python(raw: bytes, *, newer: bool = False) -> None:
    """Raise SyntaxError for what is not Python; `newer` syntax is left to tree-sitter."""
    try:
        ast.parse(raw)
    except SyntaxError:
        if not newer or _PYTHON.parse(raw).root_node.has_error:
            raise


def check(path: str, raw: bytes, *, newer: bool = False) -> None:
    """Raise when a file does not parse in the language that its name says."""
    name = path.rpartition("/")[2]
    if name.endswith(".py"):
        python(raw, newer=newer)
    elif name.endswith(".toml"):
        toml(raw)
    elif name.endswith((".yml", ".yaml")):
        yaml(raw)
    elif name.startswith(".env"):
        variables(raw)
    elif name.endswith(".json"):
        json.loads(raw)
    else:
        raw.decode()


def check_snippet(kind: str, key: str, snippet: str) -> None:
    """Raise when what a manual step shows is not in the language of its file."""
    match kind:
        case "settings" | "import":
            ast.parse(snippet)
        case "wiring":
            *above, entry = snippet.splitlines()
            ast.parse("\n".join(above))
            ast.parse(f"{{{entry}}}" if entry.startswith('"') else f"[{entry}]")
            assert key.partition(" in ")[0] in entry
        case "dependency" if snippet == key:  # a line of a requirements file
            assert not snippet.startswith("[")
        case "dependency":
            assert toml(snippet.encode())
            assert snippet.count(re.split(r"[^\w-]", key)[0]) == 1
        case "environment":
            variables(snippet.encode())
        case _:
            assert yaml(snippet.encode())
