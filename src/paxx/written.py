"""Digests of the files that paxx wrote last: content that still matches is not the user's.

`.paxx/local/` belongs to one working copy: git ignores it, and outside a repository there is none.
"""

from dataclasses import replace

import msgspec

from paxx import git
from paxx.changes import FileChange, Plan
from paxx.project import Reader, reader_of
from paxx.record import digest

FOLDER = ".paxx/local"
DIGESTS = f"{FOLDER}/written.json"

_OURS = ".paxx/"
_IGNORED = f"{FOLDER}/.gitignore"


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    files: dict[str, str]


def digests(read: Reader) -> dict[str, str]:
    """Return the SHA-256 of each file as paxx wrote it last; none where that is not known."""
    try:
        return msgspec.json.decode(read(DIGESTS) or b"", type=_Document).files
    except (msgspec.DecodeError, UnicodeDecodeError):  # without it, git alone decides
        return {}


def recorded(plan: Plan, *, makes_repository: bool = False) -> Plan:
    """Return the plan with the digests of what it writes.

    A plan without changes stays as it is, and so does one that no repository will hold.
    """
    if not plan.changes or not (makes_repository or git.top_of(plan.root) is not None):
        return plan
    read = reader_of(plan.root)
    known = digests(read)
    for change in plan.changes:
        if not change.path.startswith(_OURS):
            known.pop(change.path, None)
            if change.after is not None:
                known[change.path] = digest(change.after)
    document = msgspec.json.format(msgspec.json.encode(_Document(dict(sorted(known.items())))))
    contents = {_IGNORED: b"*\n", DIGESTS: document + b"\n"}
    changes = [FileChange(path, read(path), content) for path, content in contents.items()]
    changed = tuple(change for change in changes if change.before != change.after)
    return replace(plan, changes=plan.changes + changed)
