"""Make the edits that components ask for, and take them out again."""

from collections.abc import Iterable
from dataclasses import replace

from paxx import documents, edits, record
from paxx.changes import Already, Edited, Outcome, Patch, Status, Step, Unable
from paxx.edits import patch
from paxx.errors import PaxxError
from paxx.expand.scope import Edit
from paxx.record import Record, Trace
from paxx.workspace import Workspace


def make(workspace: Workspace, wanted: Iterable[Edit]) -> list[Step]:
    """Make the edits, in this order, and return what became of each."""
    steps: list[Step] = []
    wanted = list(wanted)
    for edit in wanted:
        leader = _leader(edit, steps)
        before = workspace.text(edit.path)
        outcome = _outcome(edit, before)
        if leader is Status.KEPT and outcome == Already():  # theirs has what it needs
            continue
        if leader is Status.MANUAL and isinstance(outcome, Edited):
            outcome = Unable(f"it goes with the {' '.join(edit.only_with or ())}", edit.snippet)
        if isinstance(outcome, Edited) and (absent := _absent(edit, wanted, before)):
            outcome = Unable(f"it needs the {absent}", edit.snippet)
        if isinstance(outcome, Edited):
            workspace.write(edit.path, outcome.text)
            planned = replace(
                _step(edit, Already(detail=outcome.detail)),
                status=Status.PLANNED,
                created=before is None,
            )
            steps.append(_with_what_is_lost(planned, edit, before or "", outcome.text))
            steps += [_step(edit, Already(outcome.note))] if outcome.note else []
        else:
            steps.append(_step(edit, outcome))
    return steps


def take_out(workspace: Workspace, edit: Edit, trace: Trace) -> tuple[Step, tuple[Patch, ...]]:
    """Undo an edit, and return what became of it with the patches that did not apply.

    What is no longer as the edit made it stays, as a step that is left to the user; so is one of
    several entries.
    """
    before = workspace.text(edit.path)
    if before is None:
        return _step(edit, Already()), ()
    outcome = _inverse(edit, before)
    if isinstance(outcome, Edited):
        workspace.write(edit.path, outcome.text)
    unused = apply_patches(workspace, edit.path, trace.patches)
    if workspace.text(edit.path) != before:
        left = _left(outcome, trace)
        step = _step(edit, Unable(f"your {left} stays", "") if left else Already())
        return step if left else replace(step, status=Status.REMOVED), unused
    if isinstance(outcome, Already):
        note = outcome.note or ("it is not as it was made" if unused else "")
        outcome = Unable(note, "") if note else outcome
    return _step(edit, outcome), unused


def would_go(workspace: Workspace, edit: Edit) -> bool:
    """Tell whether an edit is there as it was made, and could be taken out."""
    return isinstance(_inverse(edit, workspace.text(edit.path) or ""), Edited)


def apply_patches(workspace: Workspace, path: str, patches: Iterable[Patch]) -> tuple[Patch, ...]:
    """Apply those of the patches that apply, and return the others."""
    unused = []
    for each in patches:
        text = workspace.text(path)
        patched = None if text is None else patch.apply(text, each)
        if patched is None:
            unused.append(each)
        else:
            workspace.write(path, patched)
    return tuple(unused)


def remember(workspace: Workspace, known: Record, steps: Iterable[Step]) -> None:
    """Plan the record of a component with what these steps did."""
    others = set(workspace.installed()) - {known.name}
    updated = record.updated(known, steps, record.added(workspace.read, others))
    workspace.after[record.path_of(known.name)] = record.render(updated)


def _left(outcome: Outcome, trace: Trace) -> str:
    """Return the entries that stay and were not there before paxx came."""
    left = outcome.left if isinstance(outcome, Edited) else ()
    return ", ".join(f"`{name}`" for name in left if name not in trace.left)


def _leader(edit: Edit, steps: list[Step]) -> Status | None:
    """Return what became of the edit that this one follows."""
    found = (step.status for step in steps if (step.kind, step.key) == edit.only_with)
    return next(found, None)


def _absent(edit: Edit, wanted: Iterable[Edit], text: str | None) -> str:
    """Return what an edit needs that is not in the file and cannot be added, or nothing."""
    if edit.service and edit.service not in edits.function("yaml.service_names")(text or ""):
        return f"service {edit.service}"
    followers = (each for each in wanted if each.only_with == (edit.kind, edit.key))
    manual = (each for each in followers if isinstance(_outcome(each, text), Unable))
    return next((f"{each.kind} {each.key}" for each in manual), "")


def _outcome(edit: Edit, text: str | None) -> Outcome:
    try:
        with documents.parser_limits(edit.path):
            outcome: Outcome = edits.function(edit.function)(text or "", **edit.arguments)
    except PaxxError as error:
        raise error.in_file(edit.path) from error
    if text is None and not edit.creates:
        snippet = outcome.snippet if isinstance(outcome, Unable) else edit.key
        return Unable(f"there is no `{edit.path}`", snippet)
    return outcome


def _inverse(edit: Edit, text: str) -> Outcome:
    inverse = edits.inverse_of(edit.function)
    if inverse is None:
        return Already()
    try:
        with documents.parser_limits(edit.path):
            outcome: Outcome = inverse(text, **edit.arguments)
    except PaxxError as error:
        raise error.in_file(edit.path) from error
    return outcome


def _with_what_is_lost(step: Step, edit: Edit, before: str, after: str) -> Step:
    """Return the step with what the inverse of the edit, tried here, cannot know."""
    outcome = _inverse(edit, after)
    undone = outcome if isinstance(outcome, Edited) else Edited(after)
    return replace(step, patches=patch.between(undone.text, before), left=undone.left)


def _step(edit: Edit, outcome: Outcome) -> Step:
    status, note, snippet = Status.ALREADY, "", ""
    detail = outcome.detail if isinstance(outcome, Already) else ""
    if isinstance(outcome, Unable):
        status, note, snippet = Status.MANUAL, outcome.reason, outcome.snippet
    elif isinstance(outcome, Already) and outcome.note:
        status, note = Status.KEPT, outcome.note
    return Step(
        edit.component, edit.kind, edit.path, edit.key, status, note, snippet, detail=detail
    )
