"""Tell whether a plan may be applied here, before anything is written."""

from collections.abc import Iterator
from pathlib import Path

from paxx import confinement, git, strictness, written
from paxx.changes import Plan
from paxx.errors import PreconditionError
from paxx.options import Options
from paxx.project import is_writable, reader_of
from paxx.record import digest


def check(plan: Plan, options: Options) -> None:
    """Raise PreconditionError when a file of the plan must not or cannot be written.

    Looks at the files of the plan alone: other uncommitted changes do not matter, and neither
    does what an earlier command wrote. A plan that would break code raises StillUsed, unless the
    option `force` is set; with `strict` one that leaves something to the user raises LeftToUser.
    """
    strictness.check(plan, strict=options.strict, force=options.force)
    written_to: dict[Path, str] = {}
    for change in plan.changes:
        place = _check_place(plan.root, change.path)
        other = written_to.setdefault(place, change.path)
        if other != change.path:
            raise PreconditionError(
                f"`{other}` is the same file by a link, and both would be written",
                path=change.path,
                hint="replace the link by a copy",
            )
    if not options.allow_dirty:
        _check_committed(plan)


def _check_place(root: Path, path: str) -> Path:
    """Return where the file lies, links followed."""
    target = root / path
    if target.is_dir():
        raise PreconditionError("a directory is in the way", path=path)
    if target.is_symlink() and not target.exists():
        raise PreconditionError("this link leads nowhere", path=path)
    resolved = confinement.resolve(root, path)
    if target.exists() and not is_writable(target):
        raise PreconditionError("no permission to write", path=path, hint=f"`chmod u+w {path}`")
    parent = next(each for each in resolved.parents if each.exists())
    if not parent.is_dir():
        raise PreconditionError("a file is in the way of this directory", path=str(parent))
    if not is_writable(parent):
        raise PreconditionError("no permission to write in this directory", path=str(parent))
    return resolved


def _check_committed(plan: Plan) -> None:
    ours = written.digests(reader_of(plan.root))
    places = [
        place
        for change in plan.changes
        if change.before is not None
        for place in _places(
            plan.root, change.path, is_ours=ours.get(change.path) == digest(change.before)
        )
    ]
    dirty = git.uncommitted(plan.root, list(dict.fromkeys(places)))
    if dirty:
        listed = ", ".join(f"`{path}`" for path in dirty)
        raise PreconditionError(
            f"uncommitted changes in {listed}, which would be edited",
            hint="commit or stash them, or add `--allow-dirty`",
        )


def _places(root: Path, path: str, *, is_ours: bool) -> Iterator[str]:
    """Yield what git has of a file: the links that lead to it, and where it lies unless ours."""
    for each in (*reversed(Path(path).parents[:-1]), Path(path)):
        if (root / each).is_symlink():
            yield each.as_posix()
    if not is_ours:
        yield (root / path).resolve().relative_to(root.resolve()).as_posix()
