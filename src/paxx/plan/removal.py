"""Plan what takes components out of a project: the inverse of what brought them in."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from paxx import expand, next_steps, record
from paxx.catalog import Component
from paxx.changes import Plan, Status, Step
from paxx.edits.naming import Naming
from paxx.expand.scope import Edit
from paxx.plan import edit, references, renamed, surroundings
from paxx.plan.surroundings import Surroundings
from paxx.project import Project, installed
from paxx.record import Key, Record, Trace
from paxx.titles import titles
from paxx.workspace import Workspace

Leftover = tuple[Key, Trace]
"""An edit that was taken out, and what is known of it that was not of use."""

_UNKNOWN = Trace("unknown")


def build(project: Project, names: Iterable[str], catalog: Iterable[Component]) -> Plan:
    """Return the plan that removes the installed components of these names.

    What paxx added goes where it is as it was added and no other component needs it; what the
    user changed stays and is listed as left to the user. Volumes and `.env` are never touched.
    Raises PreconditionError where the pristine copy of a component is missing, FileSyntaxError
    when a file to edit does not parse.
    """
    names = tuple(names)
    around = surroundings.of(project, catalog)
    workspace = around.workspace
    known = (around.components[name] for name in names if name in around.components)
    naming = Naming(is_exact=around.variables(*known).is_case_sensitive)
    renamed.follow(around)
    steps: list[Step] = []
    for name in reversed(names):  # so that lists lose their entries from the end
        steps += _remove(around, name)
    removed = {(step.path, step.kind, step.key) for step in steps if step.status is Status.REMOVED}
    steps = [step for step in steps if not _is_overtaken(step, removed)]
    steps += references.to_removed(workspace, steps)
    return Plan(
        root=project.root,
        components=names,
        changes=workspace.changes(),
        steps=tuple(steps),
        next_steps=tuple(next_steps.after_removal(workspace, steps, naming)),
    )


def _remove(around: Surroundings, name: str) -> list[Step]:
    workspace, leftovers = around.workspace, list[Leftover]()
    known, component = record.installed(workspace.read, name)
    workspace.after[record.path_of(name)] = None
    steps: list[Step] = []
    for other in workspace.installed():
        if other in around.components:
            steps += _remove_late(around, other, frozenset({name}), leftovers)
    made = tuple(expand.edits(around.scope(component, installed(workspace.project))))
    steps += undo(workspace, known, made, leftovers)
    steps += _out_of_sight(workspace, known, made)
    settle(workspace, leftovers)
    workspace.after |= dict.fromkeys(record.copies(component, known))
    return steps + _files(workspace, known)


def _is_overtaken(step: Step, removed: Collection[Key]) -> bool:
    """Tell whether what stayed for another component went with that one."""
    return step.status is Status.KEPT and (step.path, step.kind, step.key) in removed


def undo(
    workspace: Workspace, known: Record, made: Iterable[Edit], leftovers: list[Leftover]
) -> list[Step]:
    """Take out those of the edits that paxx made for a component and no other one needs.

    What is known of an edit and was not of use goes to `leftovers`.
    """
    others = sorted({*workspace.installed()} - {known.name})
    holders = {name: record.added(workspace.read, [name]) for name in others}
    made = tuple(made)
    steps: list[Step] = []
    for each in reversed(made):  # each finds the file as it left it
        key = (each.path, each.kind, each.key)
        trace = known.edits.get(key, _UNKNOWN)
        if trace.status != record.ADDED:
            continue
        needed_by = titles(name for name in others if key in holders[name])
        note = f"needed by {needed_by}" if needed_by else _held_by(workspace, each, made)
        if note:
            steps.append(Step(known.name, each.kind, each.path, each.key, Status.KEPT, note))
        else:
            step, unused = edit.take_out(workspace, each, trace)
            steps.append(step)
            trace = replace(trace, patches=unused)
        leftovers.append((key, trace))
    return steps


def _out_of_sight(workspace: Workspace, known: Record, made: Iterable[Edit]) -> list[Step]:
    """Return what paxx added where it would not add it any more, as left to the user.

    Such is a Compose file beside the one that Docker takes, and an application's own service that
    can no longer be told from the others.
    """
    looked_at = {(each.path, each.kind, each.key) for each in made}
    return [
        Step(known.name, kind, path, key, Status.MANUAL, "it is no longer looked at here")
        for (path, kind, key), trace in known.edits.items()
        if record.was_added(trace)
        and (path, kind, key) not in looked_at
        and workspace.read(path) is not None
    ]


def _held_by(workspace: Workspace, follower: Edit, made: Iterable[Edit]) -> str:
    """Return why an edit stays that goes with another one, or nothing."""
    for each in made:
        if (each.kind, each.key) == follower.only_with and not edit.would_go(workspace, each):
            return f"the {each.kind} {each.key} stays"
    return ""


def settle(workspace: Workspace, leftovers: Iterable[Leftover]) -> None:
    """Apply the patches that apply by now; the rest goes to a component that edits the file, too.

    A file that paxx made and that is empty goes.
    """
    for key, trace in leftovers:
        path = key[0]
        unused = edit.apply_patches(workspace, path, trace.patches)
        if trace.created and not (workspace.text(path) or "").strip():
            workspace.after[path] = None
        elif trace.created or unused:
            _hand_over(workspace, key, replace(trace, patches=unused))


def _hand_over(workspace: Workspace, key: Key, trace: Trace) -> None:
    path, kind, _ = key
    heirs = [
        (other_key[1] != kind, known, other_key)
        for known in surroundings.records(workspace)
        for other_key, other in known.edits.items()
        if other_key[0] == path and other.status == record.ADDED
    ]
    if heirs:
        _, known, heir = min(heirs, key=lambda each: each[0])
        own = known.edits[heir]
        created, patches = own.created or trace.created, own.patches + trace.patches
        merged = replace(own, created=created, patches=patches)
        updated = replace(known, edits={**known.edits, heir: merged})
        workspace.after[record.path_of(known.name)] = record.render(updated)


def _remove_late(
    around: Surroundings, name: str, removed: frozenset[str], leftovers: list[Leftover]
) -> list[Step]:
    """Take out what an installed component has only because of components that go."""
    workspace = around.workspace
    known = record.load(workspace.read, name)
    scope = around.scope(around.components[name], workspace.installed())
    wanted = {(each.path, each.kind, each.key) for each in expand.edits(scope)}
    late = {(each.path, each.kind, each.key): each for each in expand.late_edits(scope, removed)}
    gone = late.keys() - wanted  # there may be another reason for it
    if known is None or not gone:
        return []
    kept = {key: trace for key, trace in known.edits.items() if key not in gone}
    workspace.after[record.path_of(name)] = record.render(replace(known, edits=kept))
    undone = [each for key, each in late.items() if key in gone]
    return undo(workspace, known, undone, leftovers)


def _files(workspace: Workspace, known: Record) -> list[Step]:
    steps = []
    for path, pristine in known.files.items():
        current = workspace.read(path)
        status, note = Status.REMOVED, ""
        if current is None:
            status = Status.ALREADY
        elif record.digest(current) == pristine:
            workspace.after[path] = None
        else:
            status, note = Status.MANUAL, "you changed it, so it stays; it is yours now"
        steps.append(Step(known.name, "file", path, path, status, note))
    return steps
