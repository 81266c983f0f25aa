"""What a plan tells the user besides its changes: warnings and next steps."""

from collections.abc import Iterator

from paxx import edits, render
from paxx.catalog import Component
from paxx.changes import Status, Step
from paxx.expand import fragments
from paxx.project import Project
from paxx.workspace import Workspace


def warnings(
    workspace: Workspace, requested: tuple[Component, ...], steps: list[Step]
) -> Iterator[str]:
    """Yield what the user should know: ports that are taken, variables that are set already."""
    compose_file = workspace.project.compose_file()
    text = workspace.project.read(compose_file)
    published = edits.function("yaml.published_ports")(text.decode("utf-8-sig")) if text else {}
    added = {step.key for step in steps if step.kind == "service" and step.status is Status.PLANNED}
    for component in requested:
        own = fragments.read(component.compose_fragment())
        for name in added & set(own.services):
            for port, variable in fragments.ports(own.services[name]):
                if published.get(port, name) != name:
                    yield (
                        f"port {port} is published by service `{published[port]}` in"
                        f" `{compose_file}` already; give `{name}` another one by `{variable}`"
                    )
        yield from _dotenv_notes(workspace, component)


def _dotenv_notes(workspace: Workspace, component: Component) -> Iterator[str]:
    text = workspace.text(".env")
    if text is None:
        return
    defined = edits.function("env.defined_keys")(text)
    for setting in component.manifest.settings:
        if setting.name.upper() in defined:
            yield f"`.env` sets `{setting.name.upper()}`; it is kept as it is"


def next_steps(
    project: Project, requested: tuple[Component, ...], steps: list[Step]
) -> Iterator[str]:
    """Yield the commands that come next, of the components that changed something."""
    changed = {step.component for step in steps if step.status is Status.PLANNED}
    for component in requested:
        if component.name in changed:
            for template in component.manifest.next_steps:
                yield render.text(template, project.context)
