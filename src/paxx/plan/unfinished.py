"""An upgrade that waits for its conflicts: what it takes to finish it, and to go back.

`.paxx/upgrade/` holds the originals of all files that the upgrade changed, and the records and
pristine copies that count once everything is resolved. Until then the old ones do.
"""

from collections.abc import Iterable

import msgspec

from paxx import confinement, documents, merge
from paxx.changes import BESIDE, MINE, FileChange, Plan, Status, Step
from paxx.edits import function
from paxx.errors import FileSyntaxError, PreconditionError, UnresolvedError, UsageError
from paxx.project import Project
from paxx.record import digest
from paxx.titles import titles
from paxx.workspace import Workspace

FOLDER = ".paxx/upgrade"
STATE = f"{FOLDER}/upgrade.json"
SCHEMA = 1
_RECORDED = (".paxx/components/", ".paxx/base/")
WAYS_ON = (
    "paxx infra upgrade --continue  # when the conflicts are resolved",
    "paxx infra upgrade --abort  # to go back",
)


class _File(msgspec.Struct, frozen=True):
    path: str
    before: str | None
    after: str | None


class _Conflict(msgspec.Struct, frozen=True):
    component: str
    path: str

    def __post_init__(self) -> None:
        confinement.check_owned(self.path)


class Unfinished(msgspec.Struct, frozen=True):
    """The state: digests of the files that were changed, and those of paxx that are to change."""

    schema: int
    components: tuple[str, ...]
    conflicts: tuple[_Conflict, ...]
    changed: tuple[_File, ...]
    put_off: tuple[_File, ...]

    def __post_init__(self) -> None:
        for each in self.changed:
            confinement.check_owned(each.path)
        for each in self.put_off:
            confinement.check_path(each.path)
            if not each.path.startswith(_RECORDED):
                raise ValueError(f"`{each.path}` is no record of a component")


def put_off(workspace: Workspace, steps: Iterable[Step]) -> None:
    """Hold back the records of a planned upgrade, and plan what it takes to finish or undo it."""
    changes = workspace.changes()
    ours = [each for each in changes if each.path.startswith(".paxx/")]
    theirs = [each for each in changes if each not in ours]
    conflicts = [step for step in steps if step.status is Status.CONFLICT]
    state = Unfinished(
        schema=SCHEMA,
        components=tuple(sorted({step.component for step in steps})),
        conflicts=tuple(_Conflict(step.component, step.path) for step in conflicts),
        changed=tuple(_file(each) for each in theirs),
        put_off=tuple(_file(each) for each in ours),
    )
    for change in ours:
        del workspace.after[change.path]
        if change.after is not None:
            workspace.after[_later(change.path)] = change.after
    for change in theirs:
        if change.before is not None:
            workspace.after[_original(change.path)] = change.before
    workspace.after[STATE] = msgspec.json.format(msgspec.json.encode(state), indent=2) + b"\n"


def load(project: Project) -> Unfinished | None:
    """Return the upgrade that waits, None where there is none; raises FileSyntaxError."""
    raw = project.read(STATE)
    if raw is None:
        return None
    return documents.decode(raw, Unfinished, SCHEMA, STATE, "restore it from version control")


def check_none(project: Project) -> None:
    """Raise UnresolvedError while an upgrade waits for its conflicts."""
    state = load(project)
    if state is not None:
        raise UnresolvedError(
            f"the upgrade of {titles(state.components)} is not finished",
            hint="resolve the conflicts and `paxx infra upgrade --continue`, or go back with"
            " `paxx infra upgrade --abort`",
        )


def finish(project: Project) -> Plan:
    """Return the plan that makes the upgrade count; raises UnresolvedError before that.

    A conflict is resolved when the markers are gone, or the `.paxx-new` file is. Raises
    PreconditionError where a record that is to count afterwards is missing.
    """
    state = _waiting(project)
    steps = [_resolution(project, each) for each in state.conflicts]
    left = [step for step in steps if step.status is Status.CONFLICT]
    if left:
        listed = "; ".join(f"`{step.path}`: {step.note}" for step in left)
        raise UnresolvedError(
            f"conflicts are left: {listed}",
            hint="resolve them, then `paxx infra upgrade --continue`",
        )
    workspace = Workspace(project)
    for each in state.put_off:
        workspace.after[each.path] = _kept(project, _later(each.path), each.after)
    _forget(workspace, state)
    return Plan(project.root, state.components, workspace.changes(), tuple(steps))


def abort(project: Project) -> Plan:
    """Return the plan that puts every file back as it was before the upgrade.

    What was written to a file since then is kept beside it, with the suffix `.paxx-mine`. Raises
    PreconditionError where an original is missing.
    """
    state = _waiting(project)
    workspace = Workspace(project)
    steps = []
    for each in state.changed:
        current = project.read(each.path)
        original = _kept(project, _original(each.path), each.before)
        note = ""
        if current is not None and current != original and digest(current) != each.after:
            workspace.put_beside(each.path, MINE, current)
            note = f"what you made of it is in `{each.path}{MINE}`"
        workspace.after[each.path] = original
        status = Status.KEPT if note else Status.PLANNED
        steps.append(Step("upgrade", "file", each.path, each.path, status, note))
    _forget(workspace, state)
    return Plan(project.root, state.components, workspace.changes(), tuple(steps))


def _waiting(project: Project) -> Unfinished:
    state = load(project)
    if state is None:
        raise UsageError("no upgrade waits for its conflicts", hint="`paxx infra upgrade --all`")
    return state


def _kept(project: Project, path: str, expected: str | None) -> bytes | None:
    """Return what the upgrade kept under a path, None where it expects no file."""
    if expected is None:
        return None
    content = project.read(path)
    if content is None or digest(content) != expected:
        raise PreconditionError(
            "this copy is missing" if content is None else "this copy was changed",
            path=path,
            hint="restore it from version control, then try again; nothing was changed",
        )
    return content


def _resolution(project: Project, conflict: _Conflict) -> Step:
    path, beside = conflict.path, conflict.path + BESIDE
    note = ""
    if project.read(beside) is not None:
        note = f"take over what you want of `{beside}`, then delete it"
    elif path.endswith(".py"):
        note = _left_in((project.read(path) or b"").decode(errors="replace"))
    status = Status.CONFLICT if note else Status.ALREADY
    return Step(conflict.component, "file", path, path, status, note)


def _left_in(text: str) -> str:
    line = merge.unresolved(text)
    if line is not None:
        return f"there are markers, from line {line} on"
    try:  # half a marker is no Python
        function("python.module.read")(text)
    except FileSyntaxError as error:
        return f"line {error.line}: {error.message}"
    return ""


def _forget(workspace: Workspace, state: Unfinished) -> None:
    workspace.after[STATE] = None
    for each in state.changed:
        if each.before is not None:
            workspace.after[_original(each.path)] = None
    for each in state.put_off:
        if each.after is not None:
            workspace.after[_later(each.path)] = None


def _file(change: FileChange) -> _File:
    before, after = change.before, change.after
    return _File(
        change.path,
        None if before is None else digest(before),
        None if after is None else digest(after),
    )


def _original(path: str) -> str:
    return f"{FOLDER}/original/{path}.pristine"


def _later(path: str) -> str:
    return f"{FOLDER}/next/{path.removeprefix('.paxx/')}"
