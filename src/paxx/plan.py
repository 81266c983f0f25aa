"""Plan what to write: a project and components in, a Plan of file changes out. Writes nothing."""

from collections.abc import Iterable, Mapping

from paxx import edits, expand, notes, record, render, resolution
from paxx.catalog import Component
from paxx.changes import Already, Edited, Outcome, Plan, Status, Step, Unable
from paxx.errors import FileSyntaxError, PaxxError, PreconditionError
from paxx.expand.scope import Edit, Scope
from paxx.project import Project
from paxx.record import Record
from paxx.workspace import Workspace


def build(project: Project, requested: Iterable[Component], catalog: tuple[Component, ...]) -> Plan:
    """Return the plan that brings the requested components into the project.

    A component that is there already yields no change. Raises PreconditionError when a file
    that a component brings exists with other content or when the project demands what cannot be
    resolved beside it, FileSyntaxError when a file to edit does not parse.
    """
    requested = tuple(requested)
    workspace = Workspace(project)
    for component in requested:  # before an edit moves the lines that an error names
        resolution.check(workspace, component)
    installed = [each for each in catalog if record.load(project.read, each.name) is not None]
    added = frozenset(each.name for each in requested)
    present = added | {each.name for each in installed}
    steps: list[Step] = []
    for component in requested:
        scope = _scope(workspace, component, catalog, present)
        steps += _add(workspace, scope)
    for component in installed:
        if component.name not in added:
            scope = _scope(workspace, component, catalog, present)
            steps += _add_late(workspace, scope, added)
    return Plan(
        root=project.root,
        components=tuple(each.name for each in requested),
        changes=workspace.changes(),
        steps=tuple(steps),
        warnings=tuple(notes.warnings(workspace, requested, steps)),
        next_steps=tuple(notes.next_steps(project, requested, steps)),
    )


def _scope(
    workspace: Workspace,
    component: Component,
    catalog: tuple[Component, ...],
    present: frozenset[str],
) -> Scope:
    settings_file = next(
        (
            path
            for path in workspace.project.settings_files()
            if "BaseSettings" in (workspace.text(path) or "")
        ),
        "settings.py",
    )
    compose_text = workspace.text(workspace.project.compose_file())
    settings_text = workspace.text(settings_file)
    return Scope(
        component=component,
        project=workspace.project,
        catalog=catalog,
        present=present,
        settings_file=settings_file,
        env_prefix=_inspect(settings_file, "python.settings_env_prefix", settings_text) or "",
        app_service=_inspect(
            workspace.project.compose_file(), "yaml.find_app_service", compose_text
        ),
    )


def _inspect(path: str, function: str, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        found = edits.function(function)(text)
    except FileSyntaxError as error:
        raise error.in_file(path) from error
    return found if found is None else str(found)


def _add(workspace: Workspace, scope: Scope) -> list[Step]:
    component, project = scope.component, workspace.project
    files = _payload(component, project)
    before = dict(workspace.after)
    steps = _files(workspace, component, files) + _edit(workspace, expand.edits(scope))
    if workspace.after == before and record.load(project.read, component.name) is not None:
        return steps
    for path, content in files.items():
        workspace.after[record.pristine_path_of(component.name, path)] = content
    digests = {path: record.digest(content) for path, content in files.items()}
    previous = record.load(project.read, component.name)
    edits_before = previous.edits if previous else {}
    version = component.manifest.version
    _write_record(workspace, Record(component.name, version, digests, edits_before), steps)
    return steps


def _add_late(workspace: Workspace, scope: Scope, added: frozenset[str]) -> list[Step]:
    steps = _edit(workspace, expand.late_edits(scope, added))
    known = record.load(workspace.project.read, scope.component.name)
    if known is not None and any(step.status is not Status.ALREADY for step in steps):
        _write_record(workspace, known, steps)
    return steps


def _write_record(workspace: Workspace, known: Record, steps: list[Step]) -> None:
    workspace.after[record.path_of(known.name)] = record.render(record.updated(known, steps))


def _payload(component: Component, project: Project) -> dict[str, bytes]:
    return {
        render.target(path): render.content(path, source.read_bytes(), project.context)
        for path, source in component.payload()
    }


def _files(workspace: Workspace, component: Component, files: Mapping[str, bytes]) -> list[Step]:
    known = record.load(workspace.project.read, component.name)
    recorded = known.files if known else {}
    steps, in_the_way = [], []
    for path, content in files.items():
        current = workspace.read(path)
        status, note = Status.ALREADY, ""
        if current is None and not (workspace.project.root / path).exists():
            workspace.after[path] = content
            status = Status.PLANNED
        elif current != content and path in recorded:
            status, note = Status.KEPT, "you changed it"
        elif current != content:
            in_the_way.append(path)
        steps.append(Step(component.name, "file", path, path, status, note))
    if in_the_way:
        listed = ", ".join(f"`{path}`" for path in in_the_way)
        raise PreconditionError(
            f"{listed} exists and is not what `{component.name}` would write",
            hint="move it away or rename it, then add the component again; nothing was changed",
        )
    return steps


def _edit(workspace: Workspace, wanted: Iterable[Edit]) -> list[Step]:
    steps: list[Step] = []
    for edit in wanted:
        leader = _leader(edit, steps)
        if leader in {Status.ALREADY, Status.KEPT}:
            continue
        outcome = _outcome(workspace, edit)
        if leader is Status.MANUAL and isinstance(outcome, Edited):
            outcome = Unable(f"it goes with the {' '.join(edit.only_with or ())}", edit.snippet)
        if isinstance(outcome, Edited):
            workspace.write(edit.path, outcome.text)
        steps.append(_step(edit, outcome))
    return steps


def _leader(edit: Edit, steps: list[Step]) -> Status | None:
    """Return what became of the edit that this one follows."""
    found = (step.status for step in steps if (step.kind, step.key) == edit.only_with)
    return next(found, None)


def _outcome(workspace: Workspace, edit: Edit) -> Outcome:
    text = workspace.text(edit.path)
    function = edits.function(edit.function)
    try:
        outcome: Outcome = function(text or "", **edit.arguments)
    except PaxxError as error:
        raise error.in_file(edit.path) from error
    if text is None and not edit.creates:
        snippet = outcome.snippet if isinstance(outcome, Unable) else edit.key
        return Unable(f"there is no `{edit.path}`", snippet)
    return outcome


def _step(edit: Edit, outcome: Outcome) -> Step:
    status, note, snippet = Status.PLANNED, "", ""
    if isinstance(outcome, Unable):
        status, note, snippet = Status.MANUAL, outcome.reason, outcome.snippet
    elif isinstance(outcome, Already):
        status = Status.KEPT if outcome.note else Status.ALREADY
        note = outcome.note or ""
    return Step(edit.component, edit.kind, edit.path, edit.key, status, note, snippet)
