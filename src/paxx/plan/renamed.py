"""Follow files that were renamed since a component edited them."""

from dataclasses import replace

from paxx import expand, record
from paxx.plan.surroundings import Surroundings
from paxx.project import installed
from paxx.record import Key, Record


def follow(around: Surroundings) -> None:
    """Plan that the records name each edited file as it is called now.

    Docker and Python find a Compose file and settings under several names, so that users rename
    them; what was added there is still ours to find, to take out and to bring up to date.
    """
    workspace = around.workspace
    for name in workspace.installed():
        known = record.load(workspace.read, name)
        if known is None or name not in around.components:
            continue
        now = _names_now(around, known)
        if now:
            edits = {now.get(key, key): trace for key, trace in known.edits.items()}
            followed = record.render(replace(known, edits=edits))
            workspace.after[record.path_of(name)] = followed


def _names_now(around: Surroundings, known: Record) -> dict[Key, Key]:
    """Return the edits of files that are gone under the path where the same edit is made today."""
    read = around.workspace.read
    missing = {path for path in {path for path, _, _ in known.edits} if read(path) is None}
    if not missing:
        return {}
    scope = around.scope(around.components[known.name], installed(around.workspace.project))
    today = {
        (each.kind, each.key): each.path
        for each in expand.edits(scope)
        if read(each.path) is not None
    }
    gone = [key for key in known.edits if key[0] in missing and key[1:] in today]
    return {key: (today[key[1:]], *key[1:]) for key in gone}
