"""The status of a project as lines for people."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from paxx.cli.text import manual_lines, marked
from paxx.cli.width import aligned, wrapped
from paxx.titles import FEATURE, is_infrastructure, title

if TYPE_CHECKING:
    from paxx.changes import Step
    from paxx.status import Installed, ProjectStatus


def of_status(status: "ProjectStatus") -> Iterator[str]:
    """Yield the components of a project in columns, and below what is to be known of each."""
    if not status.components:
        yield from wrapped(
            f"no components in `{status.root}`; `paxx infra list` shows what there is"
        )
        return
    rows = [(_plain(each.name), each.version, each.state) for each in status.components]
    yield from aligned([("NAME", "VERSION", "STATE"), *rows])
    names = [each.name for each in status.components]
    for component in status.components:
        way_back = "" if status.conflicts else _way_back(component.name, names)
        yield from _lines(component, way_back, waits=bool(status.conflicts))
    if status.conflicts:
        from paxx.plan.unfinished import WAYS_ON

        yield ""
        yield "an upgrade waits for its conflicts:"
        yield from (f"  {path}" for path in status.conflicts)
        yield "next:"
        yield from (f"  {way}" for way in WAYS_ON)


def _lines(component: "Installed", way_back: str, *, waits: bool) -> Iterator[str]:
    """Yield what is to be known of a component; while an upgrade waits, no other way out."""
    what = _plain(component.name)
    if component.available:
        chosen = component.name if is_infrastructure(component.name) else "--all"
        upgrade = "" if waits else f": `paxx infra upgrade {chosen}`"
        yield from marked("newer", "cyan", f"{what} {component.available}{upgrade}")
    for path in component.modified:
        yield from marked("modified", "yellow", f"`{path}` of {what}")
    for step in component.changed:
        yield from marked("changed", "yellow", f"{_place(step)} of {what}: {step.note}")
    for step in component.missing:
        yield from marked("missing", "red", f"{_place(step)} of {what}{way_back}")
    yield from manual_lines(component.pending)


def _place(step: "Step") -> str:
    is_file = step.kind == "file"
    return f"`{step.path}`" if is_file else f"{step.kind} `{step.key}` in `{step.path}`"


def _way_back(name: str, names: Iterable[str]) -> str:
    """Return the command that restores what is missing of a component; a feature brings the code
    that features share."""
    if is_infrastructure(name):
        return f": `paxx infra add {name}` restores it"
    features = [each for each in (name, *names) if each.startswith(FEATURE)]
    return (
        f": `paxx feature add {features[0].removeprefix(FEATURE)}` restores it" if features else ""
    )


def _plain(name: str) -> str:
    return title(name).replace("`", "")
