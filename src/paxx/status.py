"""What a project has of its components: what is changed, gone, left to do, and newer."""

from dataclasses import dataclass
from pathlib import Path

from paxx import catalog, project, record, recovery
from paxx.catalog import Component
from paxx.changes import Status, Step
from paxx.plan import addition, unfinished
from paxx.project import Project


@dataclass(frozen=True, slots=True)
class Installed:
    """One component: `available` is the newer version that this paxx has, if it has one.

    `modified` are its files that the user changed, `missing` what was added and is gone since
    (`paxx infra add` puts it back), `pending` what is left to do by hand.
    """

    name: str
    version: str
    available: str | None
    modified: tuple[str, ...]
    missing: tuple[Step, ...]
    pending: tuple[Step, ...]

    @property
    def state(self) -> str:
        """Return the most urgent of `pending`, `drifted`, `modified` and `installed`."""
        if self.pending:
            return "pending"
        if self.missing:
            return "drifted"
        return "modified" if self.modified else "installed"


@dataclass(frozen=True, slots=True)
class ProjectStatus:
    """The components of a project, sorted by name, and the files that an upgrade waits for."""

    root: Path
    components: tuple[Installed, ...]
    conflicts: tuple[str, ...]


def of(directory: Path) -> ProjectStatus:
    """Return the status of the project that holds `directory`; writes nothing.

    Every step is looked at again, so what was done by hand is pending no more. Raises
    PreconditionError where a command is at work or was killed half-way, or the copy of a
    component is missing, FileSyntaxError when a file does not parse.
    """
    target = project.load(directory)
    recovery.check_none(target.root)
    shipped = catalog.shipped()
    present = _present(target)
    planned = addition.build(target, present, shipped)
    newest = {component.name: component.manifest.version for component in shipped}
    waiting = unfinished.load(target)
    return ProjectStatus(
        root=target.root,
        components=tuple(
            _installed(component, newest.get(component.name), planned.steps)
            for component in present
        ),
        conflicts=tuple(each.path for each in waiting.conflicts) if waiting else (),
    )


def _present(target: Project) -> tuple[Component, ...]:
    found = (record.installed(target.read, name) for name in project.installed(target))
    return tuple(component for _, component in found)


def _installed(component: Component, newest: str | None, steps: tuple[Step, ...]) -> Installed:
    version = component.manifest.version
    own = [step for step in steps if step.component == component.name]
    is_behind = newest is not None and catalog.is_newer(newest, version)
    return Installed(
        name=component.name,
        version=version,
        available=newest if is_behind else None,
        modified=tuple(
            step.path for step in own if step.kind == "file" and step.status is Status.KEPT
        ),
        missing=tuple(step for step in own if step.status is Status.PLANNED),
        pending=tuple(step for step in own if step.status is Status.MANUAL),
    )
