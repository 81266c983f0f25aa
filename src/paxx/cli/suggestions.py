"""What a key press may complete: names of components, features, types and revisions.

Looks at names of files alone, so that it is fast; says nothing where there is nothing to say.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from paxx import confinement
from paxx.cli.streams import printable
from paxx.titles import FEATURE, is_infrastructure

_COMPONENTS = Path(__file__).parents[1] / "components"
_FEATURES = Path(__file__).parents[1] / "features"
_TYPES = (
    *("str", "text", "int", "bigint", "float", "decimal(10,2)", "bool", "date", "datetime"),
    *("uuid", "json", "email", "url", "enum(", "ref", "point"),
)
_MODIFIERS = ("unique", "index", "optional", "default=", "length=")
_OF_REFERENCES = (*_MODIFIERS[:3], "restrict", "cascade", "set_null")


def available(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    """Return the components that the project does not have."""
    return _beginning(typed, {*_shipped()} - {*_installed(), *_given(context, parameter)})


def components(_: click.Context, __: click.Parameter, typed: str) -> list[str]:
    """Return all components."""
    return _beginning(typed, _shipped())


def installed(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    """Return the components that the project has; features have commands of their own."""
    names = {*filter(is_infrastructure, _installed())}
    return _beginning(typed, names - {*_given(context, parameter)})


def created(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    """Return the features that paxx created in the project."""
    names = {each.removeprefix(FEATURE) for each in _installed() if each.startswith(FEATURE)}
    return _beginning(typed, names - {*_given(context, parameter)})


def bundled(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    """Return the features that paxx ships whole and the project does not have."""
    every = (path.parent.name for path in _FEATURES.glob("*/component.toml.jinja"))
    here = {name.removeprefix(FEATURE) for name in _installed()}
    return _beginning(typed, {*every} - {*here, *_given(context, parameter)})


def revisions(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return the revisions of the project with their messages, and the words for both ends."""
    items = [CompletionItem("head"), CompletionItem("base")]
    root = _root()
    files = sorted((root / "db/migrations/versions").glob("*.py")) if root else []
    for path in reversed(files):
        text = path.read_text(encoding="utf-8", errors="replace")
        found = re.search(r"^revision\b[^=\n]*=\s*[\"'](\w+)[\"']", text, re.MULTILINE)
        if found:
            message = re.match(r"\s*[\"']{3}(.*)", text)
            told = printable(message[1].strip(' "')) if message else None
            items.append(CompletionItem(found[1], help=told))
    return [item for item in items if item.value.startswith(typed)]


def fields(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    """Return what may follow in a field: a type, a feature to refer to, a modifier.

    Some shells take a colon for the end of a word, and complete only what is behind it.
    """
    parts = _parts([*_given(context, parameter), typed])
    if len(parts) < 2:
        return []
    before = "" if ":" not in typed or typed == ":" else typed.rpartition(":")[0] + ":"
    return [before + each for each in _beginning(parts[-1], _follow(parts))]


def _parts(words: list[str]) -> list[str]:
    """Return the parts of the last field, whether or not the shell took it apart."""
    text = words.pop()
    while words and (text.startswith(":") or words[-1].endswith(":")):
        text = words.pop() + text
    return text.split(":")


def _follow(parts: list[str]) -> Iterable[str]:
    if len(parts) == 2:
        return _TYPES
    if parts[1] == "ref":
        return _features() if len(parts) == 3 else _OF_REFERENCES
    return _MODIFIERS


def _features() -> Iterator[str]:
    root = _root()
    for path in (root / "features").glob("*/models.py") if root else ():
        if path.parent.name.isidentifier():  # a shell may take another name for a command
            yield path.parent.name


def _shipped() -> Iterator[str]:
    return (path.parent.name for path in _COMPONENTS.glob("*/component.toml"))


def _installed() -> Iterator[str]:
    root = _root()
    for path in (root / ".paxx/components").glob("*.json") if root else ():
        if re.fullmatch(confinement.NAME, path.stem):
            yield path.stem


def _root() -> Path | None:
    here = Path.cwd()
    marks = ("pyproject.toml", "wiring.py")
    found = (
        each for each in (here, *here.parents) if all((each / mark).is_file() for mark in marks)
    )
    return next(found, None)


def _given(context: click.Context, parameter: click.Parameter) -> tuple[str, ...]:
    value = context.params.get(parameter.name or "")
    return value if isinstance(value, tuple) else ()


def _beginning(typed: str, names: Iterable[str]) -> list[str]:
    typed = "" if typed == ":" else typed
    return sorted(name for name in names if name.startswith(typed))
