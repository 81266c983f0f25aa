"""What the user should know of a plan besides its changes."""

import contextlib
from collections.abc import Iterable, Iterator

from paxx import edits, resolution
from paxx.catalog import Component
from paxx.changes import Status, Step
from paxx.edits.naming import Naming
from paxx.errors import FileSyntaxError
from paxx.expand import stack
from paxx.expand.scope import Scope
from paxx.workspace import Workspace


def warnings(workspace: Workspace, scopes: Iterable[Scope], steps: list[Step]) -> Iterator[str]:
    """Yield what the user should know of the components that change something."""
    changed = {step.component for step in steps if step.status is Status.PLANNED}
    for scope in scopes:
        component = scope.component
        if component.name in changed:
            yield from _on_compose(workspace, scope, steps)
            yield from _set_in_dotenv(workspace, scope)
            yield from _wrong_database(workspace, scope)
            yield from _shadowed(workspace, component, steps)
            yield from resolution.warnings(workspace, component)


def _on_compose(workspace: Workspace, scope: Scope, steps: list[Step]) -> Iterator[str]:
    path = workspace.project.compose_file()
    added = {step.key for step in steps if step.kind == "service" and step.status is Status.PLANNED}
    yield from stack.ports_taken(scope, _on_disk(workspace, path), added)
    yield from stack.connections(scope, workspace.text(path) or "")
    yield from stack.unread_files(scope, workspace.text(path) or "")


def _set_in_dotenv(workspace: Workspace, scope: Scope) -> Iterator[str]:
    defined = sorted(edits.function("env.defined_keys")(workspace.text(".env") or ""))
    for setting in scope.component.manifest.settings:
        found = scope.naming(setting.name).find(scope.variable(setting.name), defined)
        if found is not None:
            yield f"`.env` sets `{found}`; it is kept as it is"


def _wrong_database(workspace: Workspace, scope: Scope) -> Iterator[str]:
    naming, variable = scope.naming("database_url"), scope.variable("database_url")
    for required in scope.databases:
        found = [_value(workspace, path, naming, variable) for path in (".env", ".env.example")]
        used = found[0] or _default(workspace, scope)
        problem = edits.function("env.database_problem")
        described = used and problem(variable, used, required.url, required.purpose)
        if described:
            shown = found[1] and not problem(variable, found[1], required.url, required.purpose)
            yield f"{described}; set `{variable}{f'={found[1]}' if shown else ''}` in `.env`"


def _default(workspace: Workspace, scope: Scope) -> str:
    text = workspace.text(scope.settings_file) or ""
    with contextlib.suppress(FileSyntaxError):  # the file is not edited
        return str(edits.function("python.field_default")(text, "database_url"))
    return ""


def _value(workspace: Workspace, path: str, naming: Naming, variable: str) -> str:
    values: dict[str, str] = edits.function("env.values")(workspace.text(path) or "")
    return values.get(naming.find(variable, values) or "", "")


def _shadowed(workspace: Workspace, component: Component, steps: list[Step]) -> Iterator[str]:
    for step in steps:
        key = (step.component, step.kind, step.status)
        if key == (component.name, "settings", Status.PLANNED):
            unread = edits.function("python.settings_bases_elsewhere")(workspace.text(step.path))
            listed = ", ".join(f"`{name}`" for name in unread)
            if listed:
                yield (
                    f"the Settings class in `{step.path}` derives from {listed}, which paxx does"
                    f" not read: if there is {step.key.replace(', ', ' or ')} in it, it no longer"
                    " counts"
                )


def _on_disk(workspace: Workspace, path: str) -> str:
    return (workspace.project.read(path) or b"").decode("utf-8-sig")
