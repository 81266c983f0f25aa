"""Every command as the list of its steps: load, plan, check, apply, and what follows.

    cli → pipeline → (plan | preflight | diff | apply | record) → (project | catalog | edits)

A preview is the same command without `apply.commit`.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from paxx import apply, catalog, install, preflight, project, recovery, selection, skeleton, written
from paxx.changes import Plan, Report
from paxx.options import Options
from paxx.plan import addition, removal, unfinished, upgrade
from paxx.project import Project
from paxx.skeleton import NewProject


def bootstrap(new: NewProject, names: Iterable[str], options: Options) -> Report:
    """Write a new project with the components of these names."""
    requested = selection.to_add(names, None, options)
    with recovery.held(new.root, preview=options.preview) as recovered:
        planned = skeleton.build(new, requested, catalog.load_all())
        recorded = written.recorded(planned, makes_repository=options.git)
        preflight.check(recorded, options)
        if options.preview:
            return Report("bootstrap", planned, applied=False)
        apply.commit(recorded)
    repository = tuple(install.repository(new.root, wanted=options.git))
    environment = tuple(install.environment(new.root, options))
    return Report("bootstrap", planned, runs=repository + environment, recovered=recovered)


def add(directory: Path, names: Iterable[str], options: Options) -> Report:
    """Add the components of these names to the project that holds `directory`."""

    def build(target: Project) -> Plan:
        requested = selection.to_add(names, target, options)
        return addition.build(target, requested, catalog.load_all())

    return change("infra add", directory, build, options)


def remove(directory: Path, names: Iterable[str], options: Options) -> Report:
    """Remove the components of these names from the project that holds `directory`."""

    def build(target: Project) -> Plan:
        chosen = selection.to_remove(names, target, options)
        planned = removal.build(target, chosen, catalog.load_all())
        return replace(planned, warnings=planned.warnings + selection.absent(names, target))

    return change("infra remove", directory, build, options)


def upgrade_to_newest(directory: Path, names: Iterable[str], options: Options) -> Report:
    """Bring the components of these names, without names all, to the versions of the catalog."""

    def build(target: Project) -> Plan:
        chosen = selection.to_upgrade(names, target)
        return upgrade.build(target, chosen, catalog.shipped())

    return change("infra upgrade", directory, build, options)


def settle_upgrade(directory: Path, options: Options, *, abort: bool) -> Report:
    """Finish the upgrade that waits for its conflicts, or put everything back."""
    build = unfinished.abort if abort else unfinished.finish
    command = f"infra upgrade --{'abort' if abort else 'continue'}"
    return change(command, directory, build, replace(options, allow_dirty=True, settles=True))


def change(
    command: str, directory: Path, build: Callable[[Project], Plan], options: Options
) -> Report:
    """Apply to the project that holds `directory` what `build` plans for it, or preview it."""
    with recovery.held(project.root_of(directory), preview=options.preview) as recovered:
        target = project.load(directory)
        if not options.settles:
            unfinished.check_none(target)
        planned = build(target)
        recorded = written.recorded(planned)
        preflight.check(recorded, options)
        if options.preview or not planned.changes:
            return Report(command, planned, applied=not options.preview, recovered=recovered)
        apply.commit(recorded)
    is_stale = planned.change("pyproject.toml") is not None
    runs = tuple(install.environment(target.root, options)) if is_stale else ()
    return Report(command, planned, runs=runs, recovered=recovered)
