"""Plan what to write: a project and components in, a Plan of file changes out. Writes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

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
    settings_file = _settings_file(workspace)
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


def _settings_file(workspace: Workspace) -> str:
    candidates = workspace.project.settings_files()
    found = [path for path in candidates if "BaseSettings" in (workspace.text(path) or "")]
    if len(found) > 1:
        defines = "python.defines_settings"
        found = [path for path in found if _inspect(path, defines, workspace.text(path))]
    return found[0] if len(found) == 1 else next(iter(candidates), "settings.py")


def _inspect(path: str, function: str, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        found: str | None = edits.function(function)(text)
    except FileSyntaxError as error:
        raise error.in_file(path) from error
    return found


def _add(workspace: Workspace, scope: Scope) -> list[Step]:
    component, project = scope.component, workspace.project
    files = _payload(component, project)
    before = dict(workspace.after)
    steps = _files(workspace, component, files) + _edit(workspace, expand.edits(scope))
    if workspace.after == before and record.load(project.read, component.name) is not None:
        return steps
    previous = record.load(project.read, component.name)
    known = previous or Record(component.name, component.manifest.version, {}, {})
    digests = dict(known.files)
    kept = {step.path for step in steps if step.kind == "file" and step.status is Status.KEPT}
    for path in files.keys() - kept:  # a kept file goes on from the version that it came with
        digests[path] = record.digest(files[path])
        workspace.after[record.pristine_path_of(component.name, path)] = files[path]
    _write_record(workspace, replace(known, files=digests), steps, scope.catalog)
    return steps


def _add_late(workspace: Workspace, scope: Scope, added: frozenset[str]) -> list[Step]:
    steps = _edit(workspace, expand.late_edits(scope, added))
    known = record.load(workspace.project.read, scope.component.name)
    if known is not None and any(step.status is not Status.ALREADY for step in steps):
        _write_record(workspace, known, steps, scope.catalog)
    return steps


def _write_record(
    workspace: Workspace, known: Record, steps: list[Step], catalog: tuple[Component, ...]
) -> None:
    others = (each.name for each in catalog if each.name != known.name)
    updated = record.updated(known, steps, record.added(workspace.read, others))
    workspace.after[record.path_of(known.name)] = record.render(updated)


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
            is_theirs = current is None or record.digest(current) != recorded[path]
            status = Status.KEPT
            note = "you changed it" if is_theirs else "it came with another version"
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
        if leader is Status.KEPT:  # theirs mounts what it needs
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
