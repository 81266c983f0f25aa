"""Features that paxx ships whole; what is in them depends on the components of the project."""

import difflib
from collections.abc import Iterable

from paxx import catalog, manifest, render
from paxx.catalog import MANIFEST, Component
from paxx.errors import UsageError
from paxx.feature import creation, names
from paxx.plan import removal
from paxx.project import Project, installed

TEMPLATE = MANIFEST + render.SUFFIX
USED = ("arq", "redis")
"""The components that a bundled feature makes use of where the project has them."""


def available() -> tuple[str, ...]:
    """Return the names of the bundled features, sorted."""
    return tuple(sorted(path.parent.name for path in catalog.FEATURES.glob(f"*/{TEMPLATE}")))


def components(project: Project, wanted: Iterable[str]) -> tuple[Component, ...]:
    """Return the bundled features of these names, with the shared code where the project lacks it.

    One that the project has is the one of the project. Raises UsageError for an unknown name and
    for one that something else in the project has.
    """
    return creation.with_support(project, [_component(project, name) for name in wanted])


def _component(project: Project, name: str) -> Component:
    if name not in available():
        raise _unknown(name)
    called = names.parse(name)
    if called.component in installed(project):
        return removal.added(project.read, called.component)[1]
    creation.check_free(project, called)
    return build(name, installed(project))


def build(name: str, present: Iterable[str]) -> Component:
    """Return a bundled feature as it is in a project with these components."""
    folder = catalog.FEATURES / name
    context = {"components": sorted({*USED} & {*present})}
    files = {
        f"files/{render.target(path)}": content
        for path, source in catalog.files_below(folder / "files")
        if (content := render.content(path, source.read_bytes(), context)).strip()
    }
    text = render.text((folder / TEMPLATE).read_text(encoding="utf-8"), context)
    return Component(
        folder=folder,
        manifest=manifest.parse(text, (folder / TEMPLATE).as_posix()),
        generated={MANIFEST: text.encode(), **files},
    )


def _unknown(name: str) -> UsageError:
    known = available()
    near = difflib.get_close_matches(name.lower(), known, n=1)
    listed = ", ".join(f"`{each}`" for each in known)
    hint = f"did you mean `{near[0]}`?" if near else f"bundled features: {listed}"
    return UsageError(f"no bundled feature is called `{name}`", hint=hint)
