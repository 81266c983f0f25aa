"""The settings of a project against its environment and its dotenv files."""

import difflib
import os
import re
from collections.abc import Iterator

from paxx.doctor.facts import Facts, Invalid
from paxx.doctor.findings import Finding, info, ok, problem
from paxx.project import Project

_COMPOSE = re.compile(r"\$\{?([A-Za-z_]\w*)")
_TOOLS = ("COMPOSE_", "DOCKER_")
"""Docker Compose reads these from `.env` by itself."""


def findings(project: Project, facts: Facts) -> Iterator[Finding]:
    """Yield what is wrong with values and names, else that nothing is."""
    if facts.failure is not None:
        yield _failure(facts)
    wrong = [
        *(_invalid(project, each) for each in facts.invalid),
        *(_unreadable(place) for place in facts.unreadable),
        *_unknown(project, facts),
    ]
    yield from wrong
    if not wrong and facts.failure is None:
        places = " and ".join((*(f"`{name}`" for name in facts.dotenv), "the environment"))
        yield ok("settings", f"read from {places}")
    if not facts.dotenv and project.read(".env.example") is not None:
        hint = "`cp .env.example .env`, then fill it in"
        yield info(".env", "there is none; what the environment lacks has a default", hint)


def _failure(facts: Facts) -> Finding:
    if facts.refused is not None:
        message = f"services are not asked: importing the project writes to `{facts.refused.path}`"
        return info("project", message, "let it write when the application starts")
    missing = facts.failure is not None and facts.failure.startswith("ModuleNotFoundError")
    hint = "`uv run python -c 'import wiring'` shows where"
    if missing:
        hint = "`uv sync` installs what the project declares; otherwise " + hint
    return problem("project", f"cannot be imported: {facts.failure}", hint)


def _invalid(project: Project, invalid: Invalid) -> Finding:
    name = invalid.variable
    if invalid.missing:
        shown = ", as `.env.example` shows" if _names(project, ".env.example", name) else ""
        return problem(name, "is not set, and has no default", f"set it in `.env`{shown}")
    if not name:
        return problem("settings", invalid.message, "correct it in `.env` or the environment")
    set_outside = name.upper() in {each.upper() for each in os.environ}
    place = "the environment, which wins over `.env`" if set_outside else "`.env`"
    return problem(name, invalid.message, f"correct it in {place}")


def _names(project: Project, path: str, variable: str) -> bool:
    text = (project.read(path) or b"").decode("utf-8", "replace")
    return re.search(rf"(?mi)^\s*{re.escape(variable)}\s*=", text) is not None


def _unreadable(place: str) -> Finding:
    hint = "write `NAME=value`, the value in quotes where it has quotes, spaces or `#` in it"
    return problem(place, "this line is not read", hint)


def _unknown(project: Project, facts: Facts) -> Iterator[Finding]:
    compose = (project.read(project.compose_file()) or b"").decode("utf-8", "replace")
    interpolated = set(_COMPOSE.findall(compose))
    known = sorted(interpolated | set(facts.known))
    for name in facts.unknown:
        if name in interpolated or name.startswith(_TOOLS):
            continue
        message = "is set in a dotenv file, and no setting reads it"
        near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.8)
        if near:
            yield problem(name, message, f"did you mean `{near[0]}`?")
        else:
            yield info(name, message, "remove it, or add a field to the settings")
