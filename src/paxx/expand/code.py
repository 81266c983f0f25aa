"""Edits of Python, TOML, dotenv and plain text files that a component asks for."""

from collections.abc import Iterator
from dataclasses import replace

from paxx import render
from paxx.catalog import Component
from paxx.edits.naming import Naming
from paxx.expand.scope import Edit, Scope
from paxx.manifest import Setting, Wiring

_ELSEWHERE = {"TASKS": ("core/tasks.py", "WorkerSettings.functions")}
"""The lists that are not in `wiring.py`: they belong to what a component brings."""


_OF_DATABASE = {"LIFESPANS": "db.database.lifespan", "READINESS": "db.database.ready"}
"""The entries of lists in the project template, among which those of components sort."""

_SECTIONS = ("Database", "Logging", "Project", "Security")
"""The headings in the settings of the project template, among which those of components sort."""


def variables(scope: Scope) -> list[tuple[str, str, str]]:
    """Return the environment variables of a component as name, default as text, help."""
    return [
        (scope.variable(setting.name), _as_text(setting, scope), setting.help)
        for setting in scope.component.manifest.settings
    ]


def dependencies(scope: Scope) -> Iterator[Edit]:
    """Yield the requirements for `pyproject.toml`."""
    dependencies = scope.component.manifest.dependencies
    for group, requirements in ((None, dependencies.runtime), ("dev", dependencies.dev)):
        for requirement in requirements:
            yield Edit(
                scope.component.name,
                "dependency",
                "pyproject.toml",
                requirement,
                "toml.add_dependency",
                {"requirement": requirement, "group": group},
            )


def settings(scope: Scope) -> Iterator[Edit]:
    """Yield the block of fields for the Settings class."""
    own = scope.component.manifest.settings
    if not own:
        return
    fields = [(each.name, each.type, _as_source(each, scope)) for each in own]
    later = [each.name for component in scope.later for each in component.manifest.settings]
    later += _sections_behind(scope.component)
    yield Edit(
        scope.component.name,
        "settings",
        scope.settings_file,
        ", ".join(each.name for each in own),
        "python.add_fields",
        {"comment": _heading(scope.component), "fields": fields, "before": later},
    )


def environment(scope: Scope) -> Iterator[Edit]:
    """Yield the block of variables for `.env.example`, those of unknown names apart."""
    settings = [each.name for each in scope.component.manifest.settings]
    unknown = [each for each in settings if each in scope.variables.unknown]
    for names in ([each for each in settings if each not in unknown], unknown):
        own = [each for each, name in zip(variables(scope), settings, strict=True) if name in names]
        if own:
            yield _environment(scope, own, scope.naming(*names))


def _environment(scope: Scope, own: list[tuple[str, str, str]], naming: Naming) -> Edit:
    later = [
        scope.variable(each.name)
        for component in scope.later
        for each in component.manifest.settings
    ]
    later += _sections_behind(scope.component)
    arguments = {
        "comment": _heading(scope.component),
        "variables": own,
        "before": later,
        "naming": naming,
    }
    return Edit(
        scope.component.name,
        "environment",
        ".env.example",
        ", ".join(name for name, _, _ in own),
        "env.add_variables",
        arguments,
        creates=True,
    )


def database(scope: Scope) -> Iterator[Edit]:
    """Yield the database that `.env.example` has to show in place of SQLite."""
    wanted = scope.component.manifest.database
    if wanted is None:
        return
    url, missing = scope.filled_in(wanted.url)
    naming = replace(scope.naming("database_url"), no_value=missing)
    variable = scope.variable("database_url")
    yield Edit(
        scope.component.name,
        "database",
        ".env.example",
        variable,
        "env.replace_database",
        {
            "variable": variable,
            "url": url,
            "purpose": wanted.purpose,
            "naming": naming,
        },
        creates=True,
    )


def wiring(scope: Scope) -> Iterator[Edit]:
    """Yield the imports and entries for the lists that the project is wired by."""
    entries = scope.component.manifest.wiring
    for path, module in sorted({(_list(entry)[0], _module(entry)) for entry in entries}):
        uses = [each.item for each in entries if (_list(each)[0], _module(each)) == (path, module)]
        yield Edit(
            scope.component.name,
            "import",
            path,
            module,
            "python.add_import",
            {"module": module, "uses": uses},
        )
    for entry in entries:
        path, variable = _list(entry)
        yield Edit(
            scope.component.name,
            "wiring",
            path,
            f"{entry.item} in {variable}",
            "python.add_item",
            {
                "variable": variable,
                "item": entry.item,
                "key": entry.name,
                "first": entry.first,
                **_place(scope, entry),
            },
        )


def _place(scope: Scope, entry: Wiring) -> dict[str, list[str]]:
    def items(components: tuple[Component, ...], *, first: bool) -> list[str]:
        return [
            each.item
            for component in components
            for each in component.manifest.wiring
            if each.list == entry.list and each.first is first
        ]

    own = [each for each in scope.component.manifest.wiring if each.list == entry.list]
    ahead = [each.item for each in own[: own.index(entry)] if each.first]
    behind = [each.item for each in own[own.index(entry) + 1 :] if not each.first]
    earlier = tuple(each for each in scope.catalog if each.name < scope.component.name)
    database = _OF_DATABASE.get(entry.list) if scope.component.name < "database" else None
    return {
        "before": behind + items(scope.later, first=False) + ([database] if database else []),
        "first_peers": items(earlier, first=True) + ahead,
    }


def lines(scope: Scope) -> Iterator[Edit]:
    """Yield whole lines of text files."""
    for entry in scope.component.manifest.lines:
        later = [
            each.line
            for component in scope.later
            for each in component.manifest.lines
            if each.file == entry.file
        ]
        yield Edit(
            scope.component.name,
            "line",
            entry.file,
            entry.line,
            "text.add_line",
            {"line": entry.line, "before": later},
            creates=True,
        )


def _list(entry: Wiring) -> tuple[str, str]:
    """Return the file and the variable of the list that an entry goes to."""
    return _ELSEWHERE.get(entry.list, ("wiring.py", entry.list))


def _module(entry: Wiring) -> str:
    return entry.item.rpartition(".")[0]


def _sections_behind(component: Component) -> list[str]:
    return [f"# {each}" for each in _SECTIONS if each > _heading(component)]


def _heading(component: Component) -> str:
    return component.name.capitalize()


def _as_text(setting: Setting, scope: Scope) -> str:
    if isinstance(setting.default, str):
        return render.text(setting.default, scope.project.context)
    if isinstance(setting.default, bool):
        return str(setting.default).lower()
    return str(setting.default)


def _as_source(setting: Setting, scope: Scope) -> str:
    if not isinstance(setting.default, str):
        return repr(setting.default)
    text = _as_text(setting, scope).replace("\\", "\\\\").replace('"', '\\"')
    source = f'"{text}"'
    return f"SecretStr({source})" if setting.type == "SecretStr" else source
