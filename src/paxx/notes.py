"""What a plan tells the user besides its changes: warnings and next steps."""

import re
from collections.abc import Iterator

from paxx import edits, expand, render, resolution
from paxx.catalog import Component
from paxx.changes import Status, Step
from paxx.expand import fragments
from paxx.project import Project
from paxx.workspace import Workspace


def warnings(
    workspace: Workspace, requested: tuple[Component, ...], steps: list[Step]
) -> Iterator[str]:
    """Yield what the user should know of the components that change something."""
    changed = {step.component for step in steps if step.status is Status.PLANNED}
    for component in requested:
        if component.name in changed:
            yield from _ports_taken(workspace, component, steps)
            yield from _without_app_service(workspace, component)
            yield from _apart(workspace, component, steps)
            yield from _set_in_dotenv(workspace, component, steps)
            yield from _shadowed(workspace, component, steps)
            yield from resolution.warnings(workspace, component)


def next_steps(
    project: Project, requested: tuple[Component, ...], steps: list[Step]
) -> Iterator[str]:
    """Yield the commands that come next, of the components that change something, each once."""
    changed = {step.component for step in steps if step.status is Status.PLANNED}
    chosen = [component for component in requested if component.name in changed]
    filled_in: list[str] = []
    for component in chosen:
        with expand.templates_of(component):
            filled_in += [
                render.text(each, project.context) for each in component.manifest.next_steps
            ]
    yield from dict.fromkeys(filled_in)


def after_removal(workspace: Workspace, steps: list[Step]) -> Iterator[str]:
    """Yield the commands for what paxx never deletes: containers, volumes, variables in `.env`."""
    removed = [step for step in steps if step.status is Status.REMOVED]
    if any(step.kind == "service" for step in removed):
        yield "docker compose up --detach --remove-orphans"
    project = _compose_project(workspace)
    for step in removed:
        if step.kind == "volume":
            yield f"docker volume rm {project}_{step.key}"
    defined = edits.function("env.defined_keys")(workspace.text(".env") or "")
    for name in (name for step in removed for name in step.key.split(", ")):
        if name in defined:
            yield f"sed -i '/^{name}=/d' .env"


def _compose_project(workspace: Workspace) -> str:
    """Return the name that Compose gives the project, and that its volumes begin with."""
    text = workspace.text(workspace.project.compose_file()) or ""
    named = re.search(r"""^name: *["']?([a-z0-9][a-z0-9_-]*)""", text, re.MULTILINE)
    # https://docs.docker.com/compose/how-tos/project-name/
    folder = re.sub(r"[^a-z0-9_-]", "", workspace.project.root.name.lower())
    return named[1] if named else folder.lstrip("_-")


def _ports_taken(workspace: Workspace, component: Component, steps: list[Step]) -> Iterator[str]:
    compose_file = workspace.project.compose_file()
    published = edits.function("yaml.published_ports")(_on_disk(workspace, compose_file))
    added = {step.key for step in steps if step.kind == "service" and step.status is Status.PLANNED}
    services = fragments.read(component.fragment).services
    for name in sorted(added & set(services)):
        for port, variable in fragments.ports(services[name]):
            if published.get(port, name) != name:
                yield (
                    f"port {port} is published by service `{published[port]}` in"
                    f" `{compose_file}` already; give `{name}` another one by `{variable}`"
                )


def _without_app_service(workspace: Workspace, component: Component) -> Iterator[str]:
    compose_file = workspace.project.compose_file()
    services = component.manifest.compose.app  # alternatives may set the same variable
    wanted = dict.fromkeys(key for service in services for key in service.environment)
    app = edits.function("yaml.find_app_service")(_on_disk(workspace, compose_file))
    if wanted and app is None:
        listed = ", ".join(f"`{key}`" for key in wanted)
        yield f"`{compose_file}` has no service for the application; set {listed} where it runs"


def _apart(workspace: Workspace, component: Component, steps: list[Step]) -> Iterator[str]:
    compose_file = workspace.project.compose_file()
    text = _on_disk(workspace, compose_file)
    app = edits.function("yaml.find_app_service")(text)
    networks = app and edits.function("yaml.networks")(text, app)
    added = [
        step.key
        for step in steps
        if (step.component, step.kind) == (component.name, "service")
        and step.status is Status.PLANNED
    ]
    if networks and "default" not in networks:
        joined = ", ".join(f"`{name}`" for name in networks)
        for name in added:
            yield (
                f"`{app}` in `{compose_file}` is on {joined} and does not reach `{name}`, which is"
                " on the default network"
            )


def _set_in_dotenv(workspace: Workspace, component: Component, steps: list[Step]) -> Iterator[str]:
    defined = edits.function("env.defined_keys")(workspace.text(".env") or "")
    wanted = [
        name
        for step in steps
        if (step.component, step.kind) == (component.name, "environment")
        for name in step.key.split(", ")
    ]
    for name in wanted:
        if name in defined:
            yield f"`.env` sets `{name}`; it is kept as it is"


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
