"""The files that a component brings: write the new ones, keep what the user changed."""

from collections.abc import Mapping

from paxx import record, render
from paxx.catalog import Component
from paxx.changes import Status, Step
from paxx.errors import PreconditionError
from paxx.project import Project
from paxx.record import Record
from paxx.workspace import Workspace


def payload(component: Component, project: Project) -> dict[str, bytes]:
    """Return the files of a component of the catalog as they are to be written."""
    return {
        render.target(path): render.content(path, source, project.context)
        for path, source in component.payload()
    }


def pristine(project: Project, known: Record) -> dict[str, bytes]:
    """Return the files of an installed component as they came.

    Raises PreconditionError where the copy of one is missing, or is no longer what it was.
    """
    return {path: _pristine(project, known, path) for path in known.files}


def _pristine(project: Project, known: Record, path: str) -> bytes:
    place = record.pristine_path_of(known.name, path)
    content = project.read(place)
    if content is not None and _is_copy(content, known.files[path]):
        return content
    state = "is missing" if content is None else "was changed"
    raise PreconditionError(
        f"this copy {state}, and without it paxx cannot tell what you changed",
        path=place,
        hint="restore it from version control",
    )


def _is_copy(content: bytes, expected: str) -> bool:
    """Tell whether it is what was recorded; git may have given it other line endings."""
    return expected in {record.digest(each) for each in (content, content.replace(b"\r\n", b"\n"))}


def write(
    workspace: Workspace, component: Component, contents: Mapping[str, bytes], known: Record | None
) -> list[Step]:
    """Plan those of the files that are not there.

    Raises PreconditionError when a file of somebody else's is in the way.
    """
    recorded = known.files if known else {}
    steps, in_the_way = [], []
    for path, content in contents.items():
        current = workspace.read(path)
        status, note = Status.ALREADY, ""
        if current is None and not (workspace.project.root / path).exists():
            workspace.after[path] = content
            status = Status.PLANNED
        elif current != content and path in recorded:
            status, note = Status.KEPT, "you changed it"
        elif current != content:
            in_the_way.append(path)
        steps.append(Step(component.name, "file", path, path, status, note))
    if in_the_way:
        listed = ", ".join(f"`{path}`" for path in in_the_way)
        raise PreconditionError(
            f"{listed} exists and is not what `{component.name}` would write",
            hint="move it away or rename it, then add the component again; nothing was changed",
        )
    return steps


def keep_pristine(
    workspace: Workspace, component: Component, contents: Mapping[str, bytes]
) -> Record:
    """Plan the copies that upgrading and removing start from; return a record without edits."""
    workspace.after |= record.description(component)
    for path, content in contents.items():
        workspace.after[record.pristine_path_of(component.name, path)] = content
    digests = {path: record.digest(content) for path, content in contents.items()}
    return Record(component.name, component.manifest.version, digests, {})
