"""What a project has of its components: what is changed, gone, left to do, and newer."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from paxx import catalog, project, record, recovery
from paxx.catalog import Component
from paxx.changes import Status, Step
from paxx.plan import addition, unfinished
from paxx.record import Record


@dataclass(frozen=True, slots=True)
class Installed:
    """One component: `available` is the newer version that this paxx has, if it has one.

    `modified` are its files that the user changed, `changed` what was added to other files and
    differs since, `missing` what was added and is gone since (`paxx infra add` restores it),
    `pending` the manual steps.
    """

    name: str
    version: str
    available: str | None
    modified: tuple[str, ...]
    changed: tuple[Step, ...]
    missing: tuple[Step, ...]
    pending: tuple[Step, ...]

    @property
    def state(self) -> str:
        """Return the most urgent of `pending`, `drifted`, `modified` and `installed`."""
        if self.pending:
            return "pending"
        if self.missing:
            return "drifted"
        return "modified" if self.modified or self.changed else "installed"


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
    present = [record.installed(target.read, name) for name in project.installed(target)]
    planned = addition.build(target, [component for _, component in present], shipped)
    newest = {component.name: component.manifest.version for component in shipped}
    waiting = unfinished.load(target)
    return ProjectStatus(
        root=target.root,
        components=tuple(
            _installed(component, known, newest.get(component.name), planned.steps)
            for known, component in present
        ),
        conflicts=tuple(each.path for each in waiting.conflicts) if waiting else (),
    )


def _installed(
    component: Component, known: Record, newest: str | None, steps: tuple[Step, ...]
) -> Installed:
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
        changed=tuple(_changed(own, known)),
        missing=tuple(
            replace(step, key=step.detail or step.key)
            for step in own
            if step.status is Status.PLANNED
        ),
        pending=tuple(step for step in own if step.status is Status.MANUAL),
    )


def _changed(steps: Iterable[Step], known: Record) -> Iterator[Step]:
    """Yield what paxx added to shared files and the user changed; `note` says how it differs."""
    for step in steps:
        is_there = step.status in {Status.KEPT, Status.ALREADY}
        note = step.detail or step.note
        if (
            is_there
            and note
            and record.was_added(known.edits.get((step.path, step.kind, step.key)))
        ):
            yield replace(step, status=Status.KEPT, note=note)
