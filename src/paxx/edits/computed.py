"""Judge dependencies that are `dynamic` in a `pyproject.toml`: something else computes them."""

from typing import Any

from paxx.changes import Already, Unable
from paxx.edits.requirements import normalised_name


def is_computed(data: dict[str, Any]) -> bool:
    """Tell whether the project leaves its dependencies to the build back end."""
    project = data.get("project")
    dynamic = project.get("dynamic") if isinstance(project, dict) else None
    return isinstance(dynamic, list) and "dependencies" in dynamic


def outcome(data: dict[str, Any], requirement: str) -> Already | Unable:
    """Tell whether the requirement is where Poetry reads it; elsewhere the user has to know.

    The version is not compared: Poetry writes it in its own way.
    """
    name = normalised_name(requirement)
    reason = "`dependencies` is listed in `dynamic`: something else computes it"
    table: Any = data
    for key in ("tool", "poetry", "dependencies"):
        table = table.get(key) if isinstance(table, dict) else None
    if not isinstance(table, dict):
        return Unable(reason, requirement)
    if name in map(normalised_name, table):
        return Already()
    version = requirement[len(name) :]
    return Unable(reason, f'[tool.poetry.dependencies]\n{name} = "{version}"')
