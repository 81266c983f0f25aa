"""Plan what brings components into a project, or puts back what is missing of one."""

from collections.abc import Iterable, Iterator

from paxx import expand, next_steps, notes, record, resolution
from paxx.catalog import Component
from paxx.changes import Plan, Status, Step
from paxx.expand.scope import Scope
from paxx.plan import edit, files, renamed, surroundings
from paxx.project import Project, installed
from paxx.workspace import Workspace


def build(project: Project, requested: Iterable[Component], catalog: Iterable[Component]) -> Plan:
    """Return the plan that brings the requested components into the project.

    A component that is there already yields no change; one that is there in another version is
    completed in that version. Raises PreconditionError when a file that a component brings
    exists with other content or when the project demands what cannot be resolved beside it,
    FileSyntaxError when a file to edit does not parse.
    """
    around = surroundings.of(project, catalog)
    workspace, there = around.workspace, installed(project)
    renamed.follow(around)
    chosen = tuple(around.components.get(each.name, each) for each in requested)
    for component in chosen:  # before an edit moves the lines that an error names
        resolution.check(workspace, component)
    added = frozenset(each.name for each in chosen)
    present = added | set(there)
    steps: list[Step] = []
    for component in chosen:
        steps += _add(workspace, around.scope(component, present))
    for name in there:
        if name not in added and name in around.components:
            scope = around.scope(around.components[name], present)
            steps += _add_late(workspace, scope, added)
    return Plan(
        root=project.root,
        components=tuple(each.name for each in chosen),
        changes=workspace.changes(),
        steps=tuple(steps),
        warnings=tuple(notes.warnings(workspace, around.scopes(chosen, present), steps)),
        next_steps=tuple(next_steps.after_adding(workspace, chosen, steps)),
        usage=tuple(_usage(chosen, steps)),
    )


def _usage(chosen: Iterable[Component], steps: Iterable[Step]) -> Iterator[tuple[str, str]]:
    changed = {step.component for step in steps if step.status is Status.PLANNED}
    for component in chosen:
        if component.name in changed and component.manifest.usage:
            yield component.name, component.manifest.usage


def _add(workspace: Workspace, scope: Scope) -> list[Step]:
    component, project = scope.component, workspace.project
    known = record.load(workspace.read, component.name)
    contents = files.pristine(project, known) if known else files.payload(component, project)
    before = dict(workspace.after)
    steps = files.write(workspace, component, contents, known)
    steps += edit.make(workspace, expand.edits(scope))
    if known is None:
        known = files.keep_pristine(workspace, component, contents)
    elif workspace.after == before:
        return steps
    edit.remember(workspace, known, steps)
    return steps


def _add_late(workspace: Workspace, scope: Scope, added: frozenset[str]) -> list[Step]:
    steps = edit.make(workspace, expand.late_edits(scope, added))
    known = record.load(workspace.read, scope.component.name)
    if known is not None and any(step.status is not Status.ALREADY for step in steps):
        edit.remember(workspace, known, steps)
    return steps
