"""Every command as the list of its steps: load, plan, check, apply, and what follows.

    cli → pipeline → (plan | preflight | diff | apply | record) → (project | catalog | edits)

A preview is the same command without `apply.commit`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from paxx import apply, catalog, install, plan, preflight, project, recovery, skeleton
from paxx.catalog import Component
from paxx.changes import Report
from paxx.errors import UsageError
from paxx.skeleton import NewProject

Confirm = Callable[[tuple[str, ...]], bool]
"""Asks whether to add the components of these names as well."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run a command.

    `preview` plans and writes nothing, `strict` refuses a plan that leaves something to the user.
    `sync` runs uv, `git` makes a repository. `requires` brings in the components that the
    requested ones need, after `confirm` agreed.
    """

    preview: bool = False
    sync: bool = True
    git: bool = True
    allow_dirty: bool = False
    strict: bool = False
    requires: bool = True
    confirm: Confirm = lambda _: False


def bootstrap(new: NewProject, names: Iterable[str], options: Options) -> Report:
    """Write a new project with the components of these names."""
    requested = _with_requirements(names, (), options)
    with recovery.held(new.root, preview=options.preview) as recovered:
        planned = skeleton.build(new, requested, catalog.load_all())
        preflight.check(planned, allow_dirty=options.allow_dirty)
        if options.preview:
            return Report("bootstrap", planned, applied=False)
        apply.commit(planned)
    repository = tuple(install.repository(new.root, wanted=options.git))
    environment = tuple(install.environment(new.root, wanted=options.sync))
    return Report("bootstrap", planned, runs=repository + environment, recovered=recovered)


def add(directory: Path, names: Iterable[str], options: Options) -> Report:
    """Add the components of these names to the project that holds `directory`."""
    with recovery.held(project.root_of(directory), preview=options.preview) as recovered:
        target = project.load(directory)
        requested = _with_requirements(names, project.installed(target), options)
        planned = plan.build(target, requested, catalog.load_all())
        preflight.check(planned, allow_dirty=options.allow_dirty, strict=options.strict)
        if options.preview or not planned.changes:
            return Report("infra add", planned, applied=not options.preview, recovered=recovered)
        apply.commit(planned)
    wanted = planned.change("pyproject.toml") is not None
    runs = tuple(install.environment(target.root, wanted=options.sync)) if wanted else ()
    return Report("infra add", planned, runs=runs, recovered=recovered)


def _with_requirements(
    names: Iterable[str], present: Iterable[str], options: Options
) -> tuple[Component, ...]:
    requested = catalog.in_order(catalog.load(name) for name in names)
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


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
