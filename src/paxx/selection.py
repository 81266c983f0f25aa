"""Which components a command is about: those asked for, those they need, those that need them."""

from collections.abc import Iterable

from paxx import catalog, project, record
from paxx.catalog import Component
from paxx.errors import PreconditionError, UsageError
from paxx.options import Options
from paxx.project import Project
from paxx.titles import FEATURE, SHARED, is_infrastructure, titles


def to_add(names: Iterable[str], target: Project | None, options: Options) -> tuple[Component, ...]:
    """Return the components of these names, with what they need where the user agrees.

    One that is installed and that this paxx does not have is the one of the project. Raises
    UsageError for an unknown name, for components that exclude each other, and where one needs
    another that is not wanted.
    """
    present = project.installed(target) if target else ()
    names = tuple(names)
    for name in names:
        check_infrastructure(name, "add")
    requested = catalog.in_order(_component(name, target) for name in names)
    catalog.check_conflicts(requested, present)
    missing = catalog.missing_requirements(requested, present)
    if not missing or not options.requires:
        return requested
    needed = tuple(component.name for component in missing)
    if not options.confirm(needed):
        raise UsageError(
            f"{titles(each.name for each in requested)} needs {titles(needed)}",
            hint="add `--yes` to add it as well, or `--without-requires` to do without",
        )
    return catalog.in_order(requested + missing)


def _component(name: str, target: Project | None) -> Component:
    if target is not None and name not in catalog.names() and name in project.installed(target):
        return record.installed(target.read, name)[1]
    return catalog.load(name)


def to_remove(names: Iterable[str], target: Project, options: Options) -> tuple[str, ...]:
    """Return the names of the installed components to remove, sorted; see `with_dependants`.

    Raises UsageError for a name that is neither installed nor in the catalog, and for a feature.
    """
    installed = project.installed(target)
    names = tuple(names)
    for name in names:
        check_infrastructure(name, "remove")
        if name not in installed:
            catalog.load(name)
    return with_dependants([name for name in names if name in installed], target, options)


def check_infrastructure(name: str, verb: str) -> None:
    """Raise UsageError for what `paxx feature` is for."""
    if name.startswith(FEATURE):
        feature = name.removeprefix(FEATURE)
        raise UsageError(f"`{feature}` is a feature", hint=f"run `paxx feature {verb} {feature}`")
    if name == SHARED:
        hint = "it comes with the first feature and goes with the last one"
        raise UsageError(f"`{name}` is the code that features share", hint=hint)


def with_dependants(names: Iterable[str], target: Project, options: Options) -> tuple[str, ...]:
    """Return the names of installed components to remove, sorted.

    With the option `cascade` those that need them go as well, and raises PreconditionError
    without it. The code that features share goes with the last feature.
    """
    installed = project.installed(target)
    chosen = set(names)
    while dependants := _dependants(chosen, installed, target):
        if not options.cascade:
            raise PreconditionError(
                f"{titles(sorted(dependants))} needs {titles(sorted(chosen))}",
                hint="add `--cascade` to remove it as well",
            )
        chosen |= dependants
    if not all(map(is_infrastructure, chosen)) and not _dependants(
        {SHARED}, set(installed) - chosen, target
    ):
        chosen |= {SHARED} & set(installed)
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
