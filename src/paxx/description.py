"""A component as `paxx infra show` describes it: what it adds, how it is used and run."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from paxx import catalog, project, record, render
from paxx.catalog import Component
from paxx.errors import PaxxError, UnsupportedProject
from paxx.expand import code, fragments
from paxx.expand.scope import Scope
from paxx.plan import surroundings
from paxx.project import Project


@dataclass(frozen=True, slots=True)
class Description:
    """What a component adds to the project around a directory, or to one called `shop`.

    `state` and `version` are those of `Entry`; `settings` are names, defaults and meanings of
    environment variables; `documentation` is Markdown.
    """

    name: str
    summary: str
    state: str
    version: str
    requires: tuple[str, ...]
    files: tuple[str, ...]
    settings: tuple[tuple[str, str, str], ...]
    dependencies: tuple[str, ...]
    services: tuple[str, ...]
    usage: str
    documentation: str
    links: Mapping[str, str]


def describe(name: str, directory: Path) -> Description:
    """Return the description of a component; raises UsageError for an unknown name."""
    component = catalog.load(name)
    target = _project(directory)
    known = record.load(target.read, name)
    manifest = component.manifest
    readme = component.folder / "README.md"
    return Description(
        name=name,
        summary=manifest.summary,
        state="available" if known is None else record.state_of(known, target.read),
        version=manifest.version if known is None else known.version,
        requires=manifest.requires,
        files=tuple(render.target(path) for path, _ in component.payload()),
        settings=tuple(code.variables(_scope(component, target))),
        dependencies=manifest.dependencies.runtime + manifest.dependencies.dev,
        services=tuple(fragments.read(component.fragment).services),
        usage=manifest.usage,
        documentation=readme.read_text(encoding="utf-8") if readme.is_file() else "",
        links=manifest.links,
    )


def _project(directory: Path) -> Project:
    try:
        return project.load(directory)
    except UnsupportedProject:
        return Project(directory, "shop", lambda _: None)


def _scope(component: Component, target: Project) -> Scope:
    with contextlib.suppress(PaxxError):  # a file that does not parse is no reason to say nothing
        return surroundings.of(target, ()).scope(component, ())
    return Scope(component, target, (), frozenset())
