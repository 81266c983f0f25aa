"""Make a component of a feature: its files, and where they are wired."""

import json
import keyword
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from paxx import manifest, render
from paxx.catalog import MANIFEST, Component
from paxx.errors import UsageError
from paxx.feature import aliases, layout
from paxx.feature.fields import Field
from paxx.feature.models import Model
from paxx.feature.names import Names
from paxx.feature.sources import Member
from paxx.feature.symbols import FIRST_PARTY, SYMBOLS, TAKEN
from paxx.titles import SHARED

FOLDER = Path(__file__).parents[1] / "blueprints" / "feature"

_LOCAL = {
    *("changes", "check", "conditions", "create", "data", "delete", "etag", "flush", "get"),
    *("given", "if_match", "name", "page", "page_of", "query", "response", "router", "rows"),
    *("service", "session", "update"),
}
"""What functions of a feature call something else than one of its rows."""


def build(
    names: Names,
    fields: Iterable[Field],
    targets: Mapping[str, Model],
    needs: Iterable[str] = (SHARED,),
) -> Component:
    """Return the component that brings the feature; `needs` are the components it builds on.

    Raises UsageError where names are so long that a line of code would be.
    """
    fields = tuple(fields)
    context = _context(names, aliases.members(names, fields, targets))
    context["requires"] = json.dumps(sorted(needs))
    test = f"tests/features/{names.module}/test_{names.module}.py"
    files = {
        test if stem == "tests" else f"features/{names.module}/{stem}.py": _code(stem, context)
        for stem in ("__init__", "errors", "models", "router", "schemas", "service", "tests")
    }
    for text in files.values():
        _check_width(text, names, fields)
    source = render.text((FOLDER / f"{MANIFEST}.jinja").read_text(encoding="utf-8"), context)
    return Component(
        folder=FOLDER,
        manifest=manifest.parse(source, MANIFEST),
        generated={MANIFEST: source.encode()}
        | {f"files/{path}": text.encode() for path, text in files.items()},
    )


def _code(stem: str, context: Mapping[str, Any]) -> str:
    template = (FOLDER / f"{stem}.py.jinja").read_text(encoding="utf-8")
    body = render.text(template, {**context, "imports": "{imports}"})
    code = layout.collapsed(body)
    own = f"features.{context['names']['module']}.{stem}"
    known = SYMBOLS | context["own_symbols"]
    symbols = {name: module for name, module in known.items() if module != own}
    found = layout.imports(code.replace("{imports}", ""), symbols, FIRST_PARTY)
    return re.sub(r"\n{4,}", "\n\n\n", code.replace("{imports}", found, 1)).rstrip("\n") + "\n"


def _context(names: Names, members: list[Member]) -> dict[str, Any]:
    filters = {
        name: (member, operator) for member in members for name, operator in member.filters.items()
    }
    sortable = ["id", *(member.name for member in members if member.is_sortable)]
    orders = [order for name in sortable for order in (name, f"-{name}")]
    indexes = [each.index for each in members if each.index]
    return {
        "names": _words(names),
        "members": members,
        "enumerations": [each for each in members if each.field.kind == "enum"],
        "references": [each for each in members if each.target and not each.is_recursive],
        "own_types": [each.own_type for each in members if each.own_type],
        "created": [each.created for each in members],
        "filters": [
            f"    {name}: {member.queried} | None = None" for name, (member, _) in filters.items()
        ],
        "conditions": [
            {"name": name, "column": member.name, "operator": operator}
            for name, (member, operator) in filters.items()
        ],
        "sort": layout.call(
            "sort: Literal[", [json.dumps(each) for each in orders], '] = "id"', indent=4
        ),
        "table_arguments": _table_arguments(indexes),
        "tests": _tests(members),
        "own_symbols": _own_symbols(names, members),
    }


def _words(names: Names) -> dict[str, str]:
    word = names.one.replace("_", " ")
    return {
        "module": names.module,
        "component": names.component,
        "one": names.one,
        "many": names.many,
        "variable": f"{names.one}_row" if _is_taken(names.one) else names.one,
        "cls": names.cls,
        "error": names.error,
        "table": names.table,
        "path": names.path,
        "tag": names.path.removeprefix("/"),
        "word": word,
        "words": names.many.replace("_", " "),
        "title": names.many.replace("_", " ").capitalize(),
        "article": "an" if word[0] in "aeio" else "a",
    }


def _is_taken(name: str) -> bool:
    return name in _LOCAL | TAKEN or keyword.iskeyword(name)


def _table_arguments(indexes: list[str]) -> str:
    if not indexes:
        return ""
    line = f"    __table_args__ = ({indexes[0]},)"
    if len(indexes) == 1 and len(line) <= layout.WIDTH:
        return line
    return layout.call("__table_args__ = (", indexes, indent=4)


def _tests(members: list[Member]) -> dict[str, Any]:
    """Return what the tests are about: names of fields, and values that do not do."""
    sortable = [each for each in members if each.is_sortable and each.field.kind != "enum"]
    filtered = [each for each in members if each.is_indexed and not each.is_recursive]
    changing = [each for each in members if len(each.field.values) != 1 and not each.is_recursive]
    return {
        "changing": changing[0].name if changing else "",
        "may_have_points": any(
            each.field.kind == "point" or (each.target and not each.is_recursive)
            for each in members
        ),
        "sortable": _listed(sortable),
        "filtered": _listed(filtered),
        "ranges": _listed(each for each in filtered if each.kind.has_range),
        "unique": _listed(each for each in members if each.field.unique and not each.is_recursive),
        "referring": _listed(each for each in members if each.target is not None),
        "refused": [(each.name, value) for each in members for value in each.refused],
    }


def _listed(members: Iterable[Member]) -> list[str]:
    return [each.name for each in members]


def _own_symbols(names: Names, members: Iterable[Member]) -> dict[str, str]:
    """Return the modules of the names that belong to this feature and those it refers to."""
    package = f"features.{names.module}"
    symbols = {names.error: f"{package}.errors", names.cls: f"{package}.models"}
    symbols |= dict.fromkeys(names.schemas, f"{package}.schemas")
    symbols["service"] = package
    for each in members:
        if each.field.kind == "enum":
            symbols[each.alias] = f"{package}.models"
        if each.target is not None and each.is_imported:
            symbols[each.target.name] = f"features.{each.target.feature}.models"
    return symbols


def _check_width(text: str, names: Names, fields: Iterable[Field]) -> None:
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if layout.width(line) > layout.WIDTH:
            near = "\n".join(lines[max(0, number - 3) : number + 1])
            words = {names.cls, *(each.name for each in fields)}
            long = max(words, key=lambda each: (bool(re.search(rf"\b{each}\b", near)), len(each)))
            raise UsageError(
                f"`{long}` is too long: a line of code with it would have {layout.width(line)}"
                f" characters, and {layout.WIDTH} fit",
                hint="use a shorter one; `--singular` names the class",
            )
