"""What comes into a project with a new feature: the feature, and what it builds on."""

from collections.abc import Iterable
from pathlib import Path

from paxx import catalog
from paxx.catalog import Component
from paxx.errors import PreconditionError, UsageError
from paxx.feature import blueprint, models, references
from paxx.feature.fields import Field
from paxx.feature.models import Model
from paxx.feature.names import Names
from paxx.project import Project, installed
from paxx.titles import FEATURE, SHARED

_ROUTES = {"/docs", "/health", "/metrics", "/ready", "/redoc"}


def components(project: Project, names: Names, fields: tuple[Field, ...]) -> tuple[Component, ...]:
    """Return the feature as a component, with the shared code where the project lacks it.

    Raises UsageError for a name that is taken or a reference that leads nowhere,
    PreconditionError for a type of which the project has not the component.
    """
    present = installed(project)
    known = models.of(project)
    check_free(project, names, known)
    _check_installed(fields, present)
    targets = references.targets(names, fields, known)
    needs = {SHARED} | {FEATURE + each.feature for each in targets.values()}
    needs = (needs & {*present, SHARED}) | _components_of(fields)
    return with_support(present, [blueprint.build(names, fields, targets, needs)])


def with_support(present: Iterable[str], features: Iterable[Component]) -> tuple[Component, ...]:
    """Return the features, behind the code that they share where the project lacks it."""
    if SHARED in present:
        return tuple(features)
    return catalog.load(SHARED, catalog.FEATURES), *features


def _components_of(fields: Iterable[Field]) -> set[str]:
    return {"postgis" for field in fields if field.kind == "point"}


def _check_installed(fields: Iterable[Field], present: Iterable[str]) -> None:
    for component in _components_of(fields) - {*present}:
        raise PreconditionError(
            f"a field is a `point`, and the project does not have `{component}`",
            hint=f"`paxx infra add {component}`, then try again",
        )


def check_free(project: Project, names: Names, known: Iterable[Model]) -> None:
    """Raise UsageError where the project, or one of the models that are known in it, has a name."""
    folder = f"features/{names.module}"
    if names.component in installed(project):
        raise UsageError(
            f"feature `{names.module}` already exists",
            hint=f"choose another name, or edit the files in `{folder}`",
        )
    _check_folder(project.root, folder)
    for model in known:
        place = f"`features/{model.feature}/models.py`"
        if model.table == names.table:
            raise UsageError(
                f"{place} has the table `{names.table}`", hint="name another one by `--plural`"
            )
        if model.name == names.cls:
            raise UsageError(
                f"{place} has a model `{names.cls}`", hint="name another one by `--singular`"
            )
    if names.path in _ROUTES:
        raise UsageError(
            f"the application has something else at `{names.path}`",
            hint="name another one by `--plural`",
        )


def _check_folder(root: Path, folder: str) -> None:
    """Raise UsageError where something is there; the caches of a removed feature do not count."""
    for path in (f"{folder}.py", folder, f"{folder}/__init__.py"):
        if (root / path).is_file():
            raise UsageError(f"`{path}` is there already", hint="choose another name")
    found = sorted(each.name for each in (root / folder).glob("*") if each.name != "__pycache__")
    if found:
        listed = ", ".join(f"`{name}`" for name in found)
        raise UsageError(
            f"`{folder}` is there already, with {listed}",
            hint="where an earlier feature left them, take them away first; or choose another name",
        )
