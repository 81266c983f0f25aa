"""An edit of one file as data, and what is known where a component asks for one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from paxx import render
from paxx.catalog import Component
from paxx.edits.inspected import Stack, Variables
from paxx.edits.naming import Naming
from paxx.manifest import Database
from paxx.project import Project


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of one file: a function of `paxx.edits` by name, and its arguments.

    `creates` allows the file to be new. With `only_with`, the edit follows the edit of that kind
    and key: it is left out where the user's own was kept, and where one of the two is left to the
    user, so is the other one, as `snippet`. So is an edit whose `service` is not in the file.
    """

    component: str
    kind: str
    path: str
    key: str
    function: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    creates: bool = False
    only_with: tuple[str, str] | None = None
    service: str = ""
    snippet: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expansion happens: `later` are the components that sort behind this one.

    `spelled` are variables that the dotenv files set, in the user's spelling.
    """

    component: Component
    project: Project
    catalog: tuple[Component, ...]
    present: frozenset[str]
    settings_file: str = "settings.py"
    variables: Variables = field(default_factory=Variables)
    spelled: frozenset[str] = frozenset()
    stack: Stack = field(default_factory=Stack)

    @property
    def later(self) -> tuple[Component, ...]:
        """Return the components of the catalog whose names sort behind this one."""
        return tuple(each for each in self.catalog if each.name > self.component.name)

    def variable(self, setting: str) -> str:
        """Return the environment variable that the project reads a setting from."""
        return self.variables.of(setting)[0]

    def naming(self, *settings: str) -> Naming:
        """Return how to recognise the variables of settings."""
        names = [self.variables.of(each) for each in settings]
        reasons = (self.variables.unknown.get(each, "") for each in settings)
        return Naming(
            {each[0]: each[1:] for each in names if each[1:]},
            self.variables.is_case_sensitive,
            next(filter(None, reasons), ""),
        )

    def setting(self, name: str) -> str | None:
        """Return the setting that a variable of the manifest stands for, None for others."""
        own = {each.name.upper(): each.name for each in self.component.manifest.settings}
        return own.get(name)

    def app_variable(self, name: str) -> str:
        """Return what a variable of the application's service is called in this project."""
        setting = self.setting(name)
        return name if setting is None else self.variable(setting)

    @property
    def databases(self) -> tuple[Database, ...]:
        """Return the databases that the component, and what it needs, require."""
        known = [each.manifest for each in self.catalog]
        needed = {self.component.name, *self.component.manifest.requires}
        return tuple(each.database for each in known if each.name in needed and each.database)

    def filled_in(self, template: str) -> tuple[str, str]:
        """Return a value with what is known of servers, and why some of it is not, or nothing."""
        servers = {name: each.values for name, each in self.stack.servers.items()}
        text = render.text(template, {**self.project.context, **servers})
        unknown = (pair for each in self.stack.servers.values() for pair in each.unknown.items())
        return text, next((reason for found, reason in unknown if found in text), "")
