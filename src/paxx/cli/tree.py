"""The files that a plan changes as lines; many new ones as a short tree of folders."""

from collections import Counter
from collections.abc import Iterable, Iterator

from paxx.changes import Plan, Status
from paxx.cli.streams import styled
from paxx.cli.width import wrapped

MANY_FILES = 20
"""A plan that only creates files, and more than this, is shown as a tree of folders."""

_COLOURS = {"create": "green", "edit": "cyan", "delete": "red"}
_KEPT = ".paxx/"
"""What paxx keeps for itself is one line."""


def of_plan(plan: Plan) -> Iterator[str]:
    """Yield a line for each file, and below it the edits in it."""
    created = all(change.before is None for change in plan.changes)
    if created and len(plan.changes) > MANY_FILES:
        for line in lines(change.path for change in plan.changes):
            verb = "  create"
            yield styled(verb, line.removeprefix(verb), fg=_COLOURS["create"])
        return
    for change in plan.changes:
        if not change.path.startswith(".paxx/"):
            verb = f"  {change.action:6}"
            yield styled(verb, f"  {change.path}", fg=_COLOURS[change.action])
            yield from _edits(plan, change.path)


def _edits(plan: Plan, path: str) -> Iterator[str]:
    keys: dict[str, list[str]] = {}
    for step in plan.steps:
        if step.path == path and step.kind != "file":
            if step.status is Status.PLANNED:
                keys.setdefault(step.kind, []).append(step.key)
            elif step.status is Status.REMOVED:
                keys.setdefault(f"- {step.kind}", []).append(step.key)
    for kind, each in keys.items():
        yield from wrapped(f"{kind}: {', '.join(each)}", indent=10)


def lines(paths: Iterable[str]) -> Iterator[str]:
    """Yield a line for each file of the root and for each folder that holds files itself.

    Roots come in the order of the paths; a folder stands below the one that it is in, sorted.
    """
    counts = Counter(_entry(path) for path in paths)
    roots = list(dict.fromkeys(_root(entry) for entry in counts))
    for entry in sorted(counts, key=lambda each: (roots.index(_root(each)), each)):
        above = [each for each in counts if entry.startswith(each) and entry != each]
        name = entry.removeprefix(max(above, key=len, default=""))
        yield f"  create  {'  ' * len(above)}{name}{_held(entry, counts[entry])}"


def _entry(path: str) -> str:
    """Return a file of the root as it is, else the folder of the file, which ends in a slash."""
    if path.startswith(_KEPT):
        return _KEPT
    folder, slash, _ = path.rpartition("/")
    return f"{folder}/" if slash else path


def _root(entry: str) -> str:
    return entry.partition("/")[0]


def _held(entry: str, count: int) -> str:
    if not entry.endswith("/"):
        return ""
    return " (1 file)" if count == 1 else f" ({count} files)"
