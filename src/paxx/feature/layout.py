"""Lay source code out as the formatter of the project would."""

import ast
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

WIDTH = 100

Symbols = Mapping[str, str]
"""Names that code may use, and the modules that have them; empty for `import … as`."""


def width(line: str) -> int:
    """Return how many columns a line takes; characters of East Asia take two."""
    return len(line) + sum(unicodedata.east_asian_width(each) in "WF" for each in line)


def call(head: str, arguments: Iterable[str], tail: str = ")", indent: int = 0) -> str:
    """Return a call on one line where it fits, else with one argument a line."""
    arguments, space = list(arguments), " " * indent
    line = f"{space}{head}{', '.join(arguments)}{tail}"
    if width(line) <= WIDTH or not arguments:
        return line
    inner = "".join(f"{space}    {each},\n" for each in arguments)
    return f"{space}{head}\n{inner}{space}{tail}"


def assigned(head: str, value: str, indent: int = 0) -> str:
    """Return an assignment on one line where it fits, else with the value in brackets."""
    space = " " * indent
    line = f"{space}{head} = {value}"
    if width(line) <= WIDTH:
        return line
    function, _, arguments = value.removesuffix(")").partition("(")
    if not value.endswith(")"):  # a text ends with its quotes
        function, arguments = "", value
    return f"{space}{head} = {function}(\n{space}    {arguments}\n{space})"


def imports(code: str, symbols: Symbols, first_party: Iterable[str]) -> str:
    """Return the import statements for those of the symbols that the code uses."""
    nodes = ast.walk(ast.parse(code))
    # What is only assigned is a field that happens to have the name.
    used = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    modules: dict[str, set[str]] = {}
    for name in used & symbols.keys():
        modules.setdefault(symbols[name], set()).add(name)
    own = tuple(first_party)
    groups: dict[int, list[str]] = {0: [], 1: [], 2: []}
    for module in sorted(modules, key=lambda each: (not _is_plain(each, modules[each]), each)):
        groups[_group(module, own)].append(_statement(module, modules[module]))
    return "\n\n".join("\n".join(each) for each in groups.values() if each)


def _is_plain(module: str, names: set[str]) -> bool:
    return " as " in module or names == {module}


def _group(module: str, first_party: tuple[str, ...]) -> int:
    top = module.split(".", 1)[0].split(" ", 1)[0]
    if top in first_party:
        return 2
    return 0 if top in sys.stdlib_module_names else 1


def _statement(module: str, names: set[str]) -> str:
    if _is_plain(module, names):
        return f"import {module}"
    return (
        call(f"from {module} import ", _sorted(names), "")
        if _fits(module, names)
        else (call(f"from {module} import (", _sorted(names)))
    )


def _fits(module: str, names: set[str]) -> bool:
    return len(f"from {module} import {', '.join(names)}") <= WIDTH


def _sorted(names: Iterable[str]) -> Iterator[str]:
    """Yield names as isort orders them: constants, classes, then the rest."""
    yield from sorted(names, key=lambda each: (not each.isupper(), not each[0].isupper(), each))


def collapsed(code: str) -> str:
    """Return the code with each bracket that was opened over several lines on one, if it fits.

    What does not fit stays at one item a line, as the comma behind the last one tells a formatter.
    """
    lines: list[str] = []
    for line in code.removesuffix("\n").split("\n"):  # a text may hold other ends of lines
        lines.append(line)
        if line.strip()[:1] in {")", "]", "}"}:
            _collapse(lines)
    return "\n".join(lines) + "\n"


def _collapse(lines: list[str]) -> None:
    """Join the lines of the bracket that the last one closes."""
    closing = lines[-1]
    indent = len(closing) - len(closing.lstrip())
    start = next(
        (
            i
            for i in range(len(lines) - 2, -1, -1)
            if len(lines[i]) - len(lines[i].lstrip()) <= indent
        ),
        None,
    )
    if start is None or lines[start][-1:] not in {"(", "[", "{"}:
        return
    inner = [line.strip() for line in lines[start + 1 : -1]]
    if any("#" in line or line[-1:] in "([{" for line in inner):
        return
    if len(inner) > 1 and not all(line.endswith(",") for line in inner):
        return
    joined = lines[start] + " ".join(inner).removesuffix(",") + closing.strip()
    if width(joined) <= WIDTH:
        lines[start:] = [joined]
