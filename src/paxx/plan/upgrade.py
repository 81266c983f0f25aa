"""Plan what brings installed components to the version of the catalog, the user's changes kept."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from paxx import expand, next_steps, notes, record, resolution
from paxx.catalog import Component, changes_since, is_newer
from paxx.changes import Plan, Status, Step
from paxx.errors import PreconditionError
from paxx.expand.scope import Edit
from paxx.plan import edit, files, merging, references, removal, renamed, surroundings, unfinished
from paxx.plan.surroundings import Surroundings
from paxx.project import Project, installed
from paxx.record import Key, Record, Trace

_PARTS = ("fields", "variables")
"""Arguments of edits that are made of several entries, each of which may change by itself."""


def build(project: Project, names: Iterable[str], catalog: Iterable[Component]) -> Plan:
    """Return the plan that upgrades the installed components of these names.

    A file is merged from what it came as, what the user made of it and what the new version
    brings; shared files get what the new version asks for, and lose what it no longer asks for
    where that is as paxx added it. A component that is not older than the catalog yields no
    change. Where a merge conflicts, the records stay behind and the plan leaves what it takes to
    go on or back. Raises PreconditionError where a pristine copy, or a component that the new
    version needs, is missing; FileSyntaxError when a file to edit does not parse.
    """
    newest = {component.name: component for component in catalog}
    around = surroundings.of(project, newest.values())
    upgraded = tuple(newest[name] for name in names if _is_older(project, newest, name))
    if upgraded:
        renamed.follow(around)
    steps: list[Step] = []
    news: list[str] = []
    for component in upgraded:
        since = around.components[component.name].manifest.version
        changes = changes_since(component, since)
        news += [f"{component.name} {version}: {text}" for version, text in changes.items()]
        steps += _upgrade(around, component)
    scopes = around.scopes(upgraded, installed(project))
    steps += references.to_removed(around.workspace, steps)
    following = tuple(next_steps.after_adding(around.workspace, upgraded, steps))
    if any(step.status is Status.CONFLICT for step in steps):
        unfinished.put_off(around.workspace, steps)
        following = unfinished.WAYS_ON
    return Plan(
        root=project.root,
        components=tuple(each.name for each in upgraded),
        changes=around.workspace.changes(),
        steps=tuple(steps),
        warnings=tuple(notes.warnings(around.workspace, scopes, steps)),
        next_steps=following,
        news=tuple(news),
    )


def _is_older(project: Project, newest: Mapping[str, Component], name: str) -> bool:
    known, component = record.load(project.read, name), newest.get(name)
    if known is None or component is None:
        return False
    if is_newer(known.version, component.manifest.version):
        raise PreconditionError(
            f"`{name}` {known.version} is installed, and this paxx has"
            f" {component.manifest.version}: going back would lose what it brought",
            hint="use the version of paxx that added it, or a newer one",
        )
    return is_newer(component.manifest.version, known.version)


def _upgrade(around: Surroundings, new: Component) -> list[Step]:
    workspace, project = around.workspace, around.workspace.project
    known, old = record.installed(workspace.read, new.name)
    _check_requirements(new, installed(project))
    resolution.check(workspace, new)
    present = installed(project)
    made = list(expand.edits(around.scope(old, present)))
    around.components[new.name] = new
    wanted = list(expand.edits(around.scope(new, present)))
    versions = merging.Versions(
        new.name, new.manifest.version, files.pristine(project, known), files.payload(new, project)
    )
    steps = merging.merge(workspace, versions)
    outdated = _outdated(made, wanted)
    workspace.after[record.path_of(new.name)] = record.render(_carried(known, made, wanted))
    leftovers: list[removal.Leftover] = []
    steps += [_kept(step) for step in removal.undo(workspace, known, outdated, leftovers)]
    removal.settle(workspace, leftovers)
    made_now = edit.make(workspace, wanted)
    workspace.after |= dict.fromkeys(record.copies(old, known))
    carried = record.load(workspace.read, new.name) or known
    fresh = files.keep_pristine(workspace, new, versions.new)
    edit.remember(workspace, replace(fresh, edits=carried.edits), made_now)
    return steps + made_now


def _check_requirements(new: Component, present: Iterable[str]) -> None:
    for name in new.manifest.requires:
        if name not in present:
            raise PreconditionError(
                f"`{new.name}` {new.manifest.version} needs `{name}`",
                hint=f"`paxx infra add {name}`, then upgrade",
            )


def _outdated(made: Iterable[Edit], wanted: Iterable[Edit]) -> list[Edit]:
    """Return the edits, or the parts of them, that the new version no longer asks for."""
    outdated = []
    for old in made:
        same = [new for new in wanted if (new.path, new.kind) == (old.path, old.kind)]
        part = next((name for name in _PARTS if name in old.arguments), None)
        if part is not None:
            asked = [entry for new in same for entry in new.arguments[part]]
            gone = [entry for entry in old.arguments[part] if entry not in asked]
            if gone:
                outdated.append(replace(old, arguments={**old.arguments, part: gone}))
        elif not any(_content(new) == _content(old) for new in same):
            comes_back = old.kind == "service" and any(new.key == old.key for new in same)
            more = {"comes_back": True} if comes_back else {}
            outdated.append(replace(old, arguments={**old.arguments, **more}))
    return outdated


def _content(edit: Edit) -> dict[str, object]:
    places = {"before", "first_peers"}
    return {name: value for name, value in edit.arguments.items() if name not in places}


def _carried(known: Record, made: Iterable[Edit], wanted: Iterable[Edit]) -> Record:
    """Return the record with what is known of the edits that the new version asks for, too.

    An edit of several entries keeps what is known of it under the key that it has now.
    """
    names = {
        (old.path, old.kind): _key(old)
        for old in made
        if any(part in old.arguments for part in _PARTS)
    }
    edits: dict[Key, Trace] = {}
    for new in wanted:
        known_as = names.get((new.path, new.kind), _key(new))
        if known_as in known.edits:
            edits[_key(new)] = known.edits[known_as]
    return replace(known, edits=edits)


def _key(edit: Edit) -> Key:
    return edit.path, edit.kind, edit.key


def _kept(step: Step) -> Step:
    # What cannot be taken out does no harm beside the new: it is told, and no more.
    is_left = step.status is Status.MANUAL
    return replace(step, status=Status.KEPT, snippet="") if is_left else step
