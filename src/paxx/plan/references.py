"""Code that stays and refers to what a plan removes: modules, packages and settings."""

from collections.abc import Iterable

from paxx import record, uses
from paxx.changes import USE, Status, Step
from paxx.edits.requirements import normalised_name
from paxx.plan import surroundings
from paxx.workspace import Workspace


def to_removed(workspace: Workspace, steps: Iterable[Step]) -> list[Step]:
    """Return a manual step for each line that refers to what these steps remove.

    Files that components brought and nobody changed are left out: they do without each other.
    """
    removed: dict[str, str] = {}
    present: set[str] = set()
    for step in steps:
        for name in _importable(step):
            if step.status is Status.REMOVED:
                removed[name] = step.component
            else:  # an upgrade removes the old form and adds the new one
                present.add(name)
    pristine = {
        path
        for known in surroundings.records(workspace)
        for path, digest in known.files.items()
        if record.digest(workspace.read(path) or b"") == digest
    }
    gone = removed.keys() - present
    found = uses.of(workspace.project.root, gone, workspace.after, pristine)
    steps_of_uses = []
    for path, line, name in found:
        used = name or min(gone)
        note = f"line {line}" if line else "it may not be read"
        steps_of_uses.append(Step(removed[used], USE, path, used, Status.MANUAL, note))
    return steps_of_uses


def _importable(step: Step) -> list[str]:
    """Return the names by which Python code refers to what an edit brought."""
    if step.kind == "file" and step.path.endswith(".py"):
        return [step.path.removesuffix(".py").replace("/", ".")]
    if step.kind == "settings":
        return [f"settings.{name}" for name in step.key.split(", ")]
    if step.kind == "dependency":  # most packages have the name of their distribution
        return [normalised_name(step.key).replace("-", "_")]
    return []
