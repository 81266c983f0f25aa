"""What a component has to know of the project before it can say what it wants of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from paxx import documents, edits, record
from paxx.catalog import Component
from paxx.errors import FileSyntaxError
from paxx.expand.scope import Scope
from paxx.project import Project, installed
from paxx.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A workspace and all components, those that are installed as they were when they came."""

    workspace: Workspace
    components: dict[str, Component]

    @property
    def catalog(self) -> tuple[Component, ...]:
        """Return the components sorted by name."""
        return tuple(self.components[name] for name in sorted(self.components))

    def scope(self, component: Component, present: Iterable[str]) -> Scope:
        """Return the scope of a component beside those of the names in `present`.

        Raises FileSyntaxError when a file that has to be read for it does not parse.
        """
        workspace, project = self.workspace, self.workspace.project
        settings_file = _settings_file(workspace)
        compose_file = project.compose_file()
        prefix = _inspect(workspace, settings_file, "python.settings_env_prefix")
        is_exact = _inspect(workspace, settings_file, "python.settings_are_case_sensitive")
        return Scope(
            component=component,
            project=project,
            catalog=self.catalog,
            present=frozenset(present),
            settings_file=settings_file,
            env_prefix=prefix or "",
            is_case_sensitive=bool(is_exact),
            app_service=_inspect(workspace, compose_file, "yaml.find_app_service"),
        )


def of(project: Project, catalog: Iterable[Component]) -> Surroundings:
    """Return the surroundings of a project with nothing planned."""
    components = {component.name: component for component in catalog}
    for name in installed(project):
        component = record.component_of(project.read, name)
        if component is not None:
            components[name] = component
    return Surroundings(Workspace(project), components)


def _settings_file(workspace: Workspace) -> str:
    candidates = workspace.project.settings_files()
    found = [path for path in candidates if "BaseSettings" in (workspace.text(path) or "")]
    if len(found) > 1:
        found = [path for path in found if _inspect(workspace, path, "python.defines_settings")]
    return found[0] if len(found) == 1 else next(iter(candidates), "settings.py")


def _inspect(workspace: Workspace, path: str, function: str) -> Any:
    text = workspace.text(path)
    if text is None:
        return None
    try:
        with documents.parser_limits(path):
            return edits.function(function)(text)
    except FileSyntaxError as error:
        raise error.in_file(path) from error
