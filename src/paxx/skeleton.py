"""Plan a new project: every file of the skeleton, and the components chosen with it."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from paxx import catalog, next_steps, render, uv
from paxx.catalog import Component
from paxx.changes import FileChange, Plan, Status, Step
from paxx.errors import PreconditionError
from paxx.plan import addition
from paxx.project import Project, Reader, reader_of

FOLDER = Path(__file__).parent / "skeletons"


@dataclass(frozen=True, slots=True)
class NewProject:
    """The answers that make a project; `python` is a version such as 3.12."""

    root: Path
    name: str
    slug: str
    description: str
    author: str
    python: str
    example: bool = False
    force: bool = False

    @property
    def context(self) -> dict[str, dict[str, str]]:
        """Return what the templates of the skeleton may use."""
        fields = ("name", "slug", "description", "author", "python")
        return {
            "project": {field: str(getattr(self, field)) for field in fields}
            | {"workspace": self.workspace, "member": self.member}
        }

    @property
    def workspace(self) -> str:
        """Return the way to the uv workspace that the project is a member of, or nothing."""
        found = uv.workspace_of(self.root)
        return Path(os.path.relpath(found, self.root)).as_posix() if found else ""

    @property
    def member(self) -> str:
        """Return where the project lies in its workspace."""
        return self.root.relative_to(uv.home_of(self.root)).as_posix()


def build(new: NewProject, requested: Iterable[Component], known: tuple[Component, ...]) -> Plan:
    """Return the plan of a new project.

    A file of somebody else's is never written over: with `force` it is kept and listed as a
    manual step, without it anything in the directory raises PreconditionError.
    """
    _check_empty(new)
    files = _files(new)
    on_disk = reader_of(new.root)
    kept = sorted(path for path in files if on_disk(path) not in {None, files[path]})
    ours = {path: content for path, content in files.items() if path not in kept}
    project = Project(new.root, new.name, _overlay(ours, new.root))
    # The example is a folder in the format of a component, only that it is not listed.
    example = (catalog.load("example", FOLDER),) if new.example else ()
    requested = catalog.in_order((*requested, *example))
    added = addition.build(project, requested, known)
    contents = ours | {change.path: change.after for change in added.changes}
    return replace(
        added,
        changes=tuple(
            FileChange(path, on_disk(path), content)
            for path, content in contents.items()
            if on_disk(path) != content
        ),
        steps=tuple(_step(path, kept) for path in files) + added.steps,
        warnings=(*_membership(new), *added.warnings),
        next_steps=tuple(_next_steps(on_disk, added)),
    )


def _next_steps(on_disk: Reader, added: Plan) -> Iterator[str]:
    if on_disk(".env") is None:
        yield next_steps.COPY_DOTENV
    yield from (step for step in added.next_steps if step != next_steps.COPY_DOTENV)


def _membership(new: NewProject) -> Iterator[str]:
    if new.workspace:
        yield (
            f"the project is a member of the uv workspace in `{new.workspace}`, which holds its"
            " `uv.lock` and `.venv`"
        )


def _check_empty(new: NewProject) -> None:
    if new.root.exists() and not new.root.is_dir():
        raise PreconditionError(f"`{new.root}` is a file", hint="choose another name")
    if new.force or not new.root.exists():
        return
    found = sorted(path.name for path in new.root.iterdir() if path.name != ".git")
    if found:
        listed = ", ".join(f"`{name}`" for name in found[:5])
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        raise PreconditionError(
            f"`{new.root}` is not empty: {listed}{more}",
            hint="choose another directory, or add `--force` to write beside these files,"
            " never over them",
        )


def _files(new: NewProject) -> dict[str, bytes]:
    context = new.context
    files = {
        render.target(path): render.content(path, source.read_bytes(), context)
        for path, source in catalog.files_below(FOLDER / "project")
    }
    return dict(sorted(files.items()))


def _overlay(files: Mapping[str, bytes], root: Path) -> Reader:
    on_disk = reader_of(root)
    return lambda path: files[path] if path in files else on_disk(path)


def _step(path: str, kept: list[str]) -> Step:
    if path in kept:
        note = "a file of that name was there and is kept"
        return Step("project", "file", path, path, Status.MANUAL, note)
    return Step("project", "file", path, path, Status.PLANNED)
