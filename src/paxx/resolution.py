"""Tell whether what a component needs can be resolved beside what the project demands."""

from collections.abc import Iterator
from typing import Any

from paxx import documents, edits
from paxx.catalog import Component
from paxx.edits.splice import line_number
from paxx.errors import FileSyntaxError, PreconditionError
from paxx.uv import lock_path
from paxx.workspace import Workspace

_PYPROJECT = "pyproject.toml"


def check(workspace: Workspace, component: Component) -> None:
    """Raise PreconditionError for a requirement that leaves no version within the constraints."""
    text = workspace.text(_PYPROJECT) or ""
    for constraint in component.manifest.dependencies.constraints:
        with documents.parser_limits(_PYPROJECT):
            excluding = edits.function("toml.excluding")(text, constraint)
        if excluding is not None:
            raise PreconditionError(
                f"`{excluding}` cannot be resolved beside `{component.name}`, which needs"
                f" `{constraint}`",
                path=_PYPROJECT,
                line=line_number(text, max(text.find(excluding), 0)),
                hint=f"let it allow `{constraint}`, or do without `{component.name}`",
            )


def warnings(workspace: Workspace, component: Component) -> Iterator[str]:
    """Yield each locked release that the constraints take back to an earlier one."""
    constraints = component.manifest.dependencies.constraints
    lock = lock_path(workspace.project.root)
    locked = _locked(workspace.text(lock) or "") if constraints else []
    for constraint in constraints:
        excludes = edits.function("requirements.excludes")
        for name, version in locked:
            if excludes(constraint, name, version):
                yield (
                    f"`{lock}` has {name} {version}; `{component.name}` needs `{constraint}`,"
                    " so the next lock goes back to that"
                )


def _locked(text: str) -> list[tuple[str, str]]:
    try:
        packages: Any = documents.parse_toml(text).get("package")
    except FileSyntaxError:  # uv itself will say so
        return []
    listed = packages if isinstance(packages, list) else []
    tables = [each for each in listed if isinstance(each, dict)]
    return [(str(each.get("name")), str(each.get("version", ""))) for each in tables]
