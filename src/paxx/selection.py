"""Which components a command is about: those asked for, those they need, those that need them."""

from collections.abc import Iterable

from paxx import catalog, project, record
from paxx.catalog import Component
from paxx.errors import PreconditionError, UsageError
from paxx.options import Options
from paxx.project import Project


def to_add(names: Iterable[str], target: Project | None, options: Options) -> tuple[Component, ...]:
    """Return the components of these names, with what they need where the user agrees.

    One that is installed and that this paxx does not have is the one of the project. Raises
    UsageError for an unknown name, for components that exclude each other, and where one needs
    another that is not wanted.
    """
    present = project.installed(target) if target else ()
    requested = catalog.in_order(_component(name, target) for name in names)
    catalog.check_conflicts(requested, present)
    missing = catalog.missing_requirements(requested, present)
    if not missing or not options.requires:
        return requested
    needed = tuple(component.name for component in missing)
    if not options.confirm(needed):
        raise UsageError(
            f"{_quoted(each.name for each in requested)} needs {_quoted(needed)}",
            hint="add `--yes` to add it as well, or `--without-requires` to do without",
        )
    return catalog.in_order(requested + missing)


def _component(name: str, target: Project | None) -> Component:
    if target is not None and name not in catalog.names() and name in project.installed(target):
        return record.installed(target.read, name)[1]
    return catalog.load(name)


def to_remove(names: Iterable[str], target: Project, options: Options) -> tuple[str, ...]:
    """Return the names of the installed components to remove, sorted.

    With the option `cascade` those that need them go as well. Raises PreconditionError without
    it, UsageError for a name that is neither installed nor in the catalog.
    """
    installed = project.installed(target)
    unknown = [name for name in names if name not in installed]
    for name in unknown:
        catalog.load(name)
    chosen = set(names) - set(unknown)
    while dependants := _dependants(chosen, installed, target):
        if not options.cascade:
            raise PreconditionError(
                f"{_quoted(sorted(dependants))} needs {_quoted(sorted(chosen))}",
                hint="add `--cascade` to remove it as well",
            )
        chosen |= dependants
    return tuple(sorted(chosen))


def absent(names: Iterable[str], target: Project) -> tuple[str, ...]:
    """Return what to tell of names to remove that are not installed."""
    installed = project.installed(target)
    return tuple(
        f"`{name}` is not installed" for name in dict.fromkeys(names) if name not in installed
    )


def to_upgrade(names: Iterable[str], target: Project) -> tuple[str, ...]:
    """Return the names of the installed components to upgrade, sorted: without names, all.

    Raises UsageError for a name that is not installed.
    """
    installed = project.installed(target)
    for name in names:
        if name not in installed:
            catalog.load(name)
            raise UsageError(f"`{name}` is not installed", hint=f"`paxx infra add {name}`")
    return tuple(sorted(set(names))) or installed


def _dependants(chosen: set[str], installed: Iterable[str], target: Project) -> set[str]:
    dependants = set()
    for name in set(installed) - chosen:
        component = record.component_of(target.read, name)
        if component is not None and chosen & set(component.manifest.requires):
            dependants.add(name)
    return dependants


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
