"""An edit of one file as data, and what is known where a component asks for one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from paxx.catalog import Component
from paxx.edits.inspected import Stack
from paxx.project import Project


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of one file: a function of `paxx.edits` by name, and its arguments.

    `creates` allows the file to be new. With `only_with`, the edit follows the edit of that kind
    and key: it is left out where the user's own was kept, and where that one is left to the
    user, so is this one, as `snippet`.
    """

    component: str
    kind: str
    path: str
    key: str
    function: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    creates: bool = False
    only_with: tuple[str, str] | None = None
    snippet: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expansion happens: `later` are the components that sort behind this one."""

    component: Component
    project: Project
    catalog: tuple[Component, ...]
    present: frozenset[str]
    settings_file: str = "settings.py"
    env_prefix: str = ""
    is_case_sensitive: bool = False
    stack: Stack = field(default_factory=Stack)

    @property
    def later(self) -> tuple[Component, ...]:
        """Return the components of the catalog whose names sort behind this one."""
        return tuple(each for each in self.catalog if each.name > self.component.name)

    def variable(self, setting: str) -> str:
        """Return the environment variable that the project reads a setting from."""
        return self.env_prefix + (setting if self.is_case_sensitive else setting.upper())

    def app_variable(self, name: str) -> str:
        """Return what a variable of the application's service is called in this project."""
        own = {each.name.upper(): each.name for each in self.component.manifest.settings}
        return self.variable(own[name]) if name in own else name
