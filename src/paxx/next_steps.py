"""What the user does after a command: commands that work on this machine, as far as it is known."""

import os
import re
import shutil
from collections.abc import Iterable, Iterator

from paxx import edits, environment, expand, render
from paxx.catalog import Component
from paxx.changes import Status, Step
from paxx.edits.naming import Naming
from paxx.manifest import NextStep
from paxx.project import Project
from paxx.workspace import Workspace

COPY_DOTENV = "cp .env.example .env"


def after_adding(
    workspace: Workspace, chosen: Iterable[Component], steps: Iterable[Step]
) -> Iterator[str]:
    """Yield the steps of the components that change something, each once."""
    planned = [step for step in steps if step.status is Status.PLANNED]
    names = {step.component for step in planned}
    if any(step.kind == "environment" for step in planned) and workspace.text(".env") is None:
        yield COPY_DOTENV
    present = workspace.installed()
    wanted = (component for component in chosen if component.name in names)
    yield from dict.fromkeys(
        step for each in wanted for step in of_component(each, workspace.project, present)
    )


def of_component(component: Component, project: Project, present: Iterable[str]) -> Iterator[str]:
    """Yield the steps of a component that make sense beside those that are `present`."""
    compose = environment.compose_program()
    words = {"compose": compose or "", "run": "uv run" if shutil.which("uv") else "python -m"}
    for each in component.manifest.next_steps:
        step = NextStep(each) if isinstance(each, str) else each
        if step.docker in {None, compose is not None} and _applies(step, {*present}):
            with expand.templates_of(component):
                text = render.text(step.text, project.context | {"tools": words})
            yield text


def _applies(step: NextStep, present: set[str]) -> bool:
    is_wanted = not step.when or bool(present & {*step.when})
    return is_wanted and not present & {*step.unless}


def after_removal(workspace: Workspace, steps: Iterable[Step], naming: Naming) -> Iterator[str]:
    """Yield the steps for what paxx never deletes: containers, volumes, variables in `.env`."""
    removed = [step for step in steps if step.status is Status.REMOVED]
    compose = environment.compose_program()
    if compose and any(step.kind == "service" for step in removed):
        yield f"{compose} up --detach --remove-orphans"
    for step in removed:
        if compose and step.kind == "volume":
            yield f"docker volume rm {_compose_project(workspace)}_{step.key}  # deletes its data"
    defined = edits.function("env.defined_keys")(workspace.text(".env") or "")
    variables = (step.key for step in removed if step.kind == "environment")
    for name in (name for key in variables for name in key.split(", ")):
        found = naming.find(name, sorted(defined))
        if found is not None:
            yield f"delete `{found}` from `.env`"


def _compose_project(workspace: Workspace) -> str:
    """Return the name that Compose gives the project, and that its volumes begin with."""
    # https://docs.docker.com/compose/how-tos/project-name/
    variables: dict[str, str] = (
        edits.function("env.values")(workspace.text(".env") or "") | os.environ
    )
    if name := variables.get("COMPOSE_PROJECT_NAME"):
        return name
    text = workspace.text(workspace.project.compose_file()) or ""
    named = re.search(r"""^name: *["']?([a-z0-9][a-z0-9_-]*)""", text, re.MULTILINE)
    folder = re.sub(r"[^a-z0-9_-]", "", workspace.project.root.name.lower())
    return named[1] if named else folder.lstrip("_-")
