"""What a component has to know of the project before it can say what it wants of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from paxx import documents, edits, record
from paxx.catalog import Component
from paxx.edits.inspected import Stack, Variables
from paxx.errors import FileSyntaxError
from paxx.expand import fragments
from paxx.expand.scope import Scope
from paxx.project import Project, installed
from paxx.record import Record
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
        return Scope(
            component=component,
            project=self.workspace.project,
            catalog=self.catalog,
            present=frozenset(present),
            settings_file=_settings_file(self.workspace),
            variables=self.variables(component),
            spelled=self._spelled(),
            stack=self._stack(component),
        )

    def variables(self, *components: Component) -> Variables:
        """Return the variables of all settings, nothing where the components need none."""
        needed = {name for each in components for name in each.manifest.requires}
        asked = [*components, *(each for each in self.catalog if each.name in needed)]
        needs_settings = any(each.manifest.settings for each in components)
        if not needs_settings and not any(each.manifest.database for each in asked):
            return Variables()
        settings = ["database_url"]
        settings += [each.name for known in self.catalog for each in known.manifest.settings]
        path = _settings_file(self.workspace)
        arguments = (tuple(settings), tuple(self._settings_modules()))
        try:
            found = _inspect(self.workspace, path, "python.settings_variables", *arguments)
        except FileSyntaxError:
            if needs_settings:
                raise
            return Variables()  # the file is not edited
        return found or Variables()

    def _settings_modules(self) -> Iterator[tuple[str, str]]:
        """Yield the modules of a settings package, by the names that they have for each other."""
        for path in self.workspace.project.settings_files():
            package, _, name = path.removesuffix(".py").rpartition("/")
            text = self.workspace.text(path)
            if package and text is not None:
                yield from ((f".{name}", text), (f"{package}.{name}", text))

    def _spelled(self) -> frozenset[str]:
        keys = edits.function("env.defined_keys")
        texts = (self.workspace.text(path) for path in (".env.example", ".env"))
        return frozenset().union(*(keys(text) for text in texts if text))

    def scopes(self, components: Iterable[Component], present: Iterable[str]) -> Iterator[Scope]:
        """Yield the scope of each of the components, in the workspace as it is now."""
        present = frozenset(present)
        return (self.scope(each, present) for each in components)

    def _stack(self, component: Component) -> Stack:
        manifest = component.manifest
        if not (component.fragment or manifest.compose.app or manifest.database):
            return Stack()
        path = self.workspace.project.compose_file()
        blocks = fragments.servers(self.catalog)
        if self.workspace.text(path) is None:
            return cast("Stack", edits.function("yaml.inspect_stack")("", blocks))
        return cast("Stack", _inspect(self.workspace, path, "yaml.inspect_stack", blocks))


def of(project: Project, catalog: Iterable[Component]) -> Surroundings:
    """Return the surroundings of a project with nothing planned."""
    components = {component.name: component for component in catalog}
    for name in installed(project):
        component = record.component_of(project.read, name)
        if component is not None:
            components[name] = component
    return Surroundings(Workspace(project), components)


def records(workspace: Workspace) -> list[Record]:
    """Return the records of the components that the project will have."""
    found = (record.load(workspace.read, name) for name in workspace.installed())
    return [known for known in found if known is not None]


def _settings_file(workspace: Workspace) -> str:
    candidates = workspace.project.settings_files()
    found = [path for path in candidates if "BaseSettings" in (workspace.text(path) or "")]
    if len(found) > 1:
        found = [path for path in found if _inspect(workspace, path, "python.defines_settings")]
    return found[0] if len(found) == 1 else next(iter(candidates), "settings.py")


def _inspect(workspace: Workspace, path: str, function: str, *arguments: Any) -> Any:
    text = workspace.text(path)
    if text is None:
        return None
    try:
        with documents.parser_limits(path):
            return edits.function(function)(text, *arguments)
    except FileSyntaxError as error:
        raise error.in_file(path) from error
