"""Features that paxx ships whole; what is in them depends on the components of the project."""

from collections.abc import Collection, Iterable

from paxx import catalog, manifest, record, render
from paxx.catalog import MANIFEST, Component
from paxx.feature import creation, models, names
from paxx.project import Project, installed
from paxx.titles import FEATURE, SHARED

TEMPLATE = MANIFEST + render.SUFFIX
USED = ("arq", "redis")
"""The components that a bundled feature makes use of where the project has them."""


def available() -> tuple[str, ...]:
    """Return the names of the bundled features, sorted."""
    return tuple(sorted(path.parent.name for path in catalog.FEATURES.glob(f"*/{TEMPLATE}")))


def components(project: Project, wanted: Iterable[str]) -> tuple[Component, ...]:
    """Return the bundled features of these names, with the shared code where the project lacks it.

    A feature that the project has, created ones included, is the one of the project: adding it
    restores what is missing, of the shared code as well. Raises UsageError for an unknown name
    and for one that something else in the project has.
    """
    present = {*installed(project)}
    features = [_component(project, name, present) for name in wanted]
    lacking = present - {SHARED} if present & {each.name for each in features} else present
    return creation.with_support(lacking, features)


def _component(project: Project, name: str, present: Collection[str]) -> Component:
    if FEATURE + name in present:
        return record.installed(project.read, FEATURE + name)[1]
    if name not in available():
        raise catalog.unknown(name, available(), "bundled feature", "bundled features")
    called = names.parse(name)
    creation.check_free(project, called, models.of(project))
    return build(name, present)


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
