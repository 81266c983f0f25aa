"""Examine a project from its environment to its services."""

from collections.abc import Iterator
from pathlib import Path

from paxx import project as projects
from paxx import recovery
from paxx.doctor import environment, facts, ports, services, settings
from paxx.doctor.findings import Diagnosis, Finding, problem
from paxx.environment import interpreter_of
from paxx.errors import FileSyntaxError, PreconditionError
from paxx.project import Project


def examine(directory: Path) -> Diagnosis:
    """Return what there is to know of the project around a directory; changes nothing in it.

    Raises UnsupportedProject and FileSyntaxError where there is no project that can be read.
    """
    project = projects.load(directory)
    return Diagnosis(project.root, tuple(_findings(project)))


def _findings(project: Project) -> Iterator[Finding]:
    for error in recovery.hindrances(project):
        yield problem(".paxx", str(error), error.hint or "")
    asked = services.of(project)
    published, unreadable = _published(project)
    interpreter = interpreter_of(project.root)
    known: facts.Facts | None = None
    if interpreter is None:
        yield problem("python", "there is no environment", "`uv sync` creates it")
    else:
        try:
            known = facts.ask(project.root, interpreter, asked.question)
            yield environment.python(project, interpreter, known.python)
        except PreconditionError as error:
            message = f"`{interpreter}` cannot examine the project: {error}"
            yield problem("python", message, error.hint or "")
    yield from environment.uv(project)
    if known is not None:
        yield from settings.findings(project, known)
        yield from services.findings(asked, known, published)
    yield from unreadable
    if published:
        running = services.answering(asked, known, published) if known is not None else set()
        yield from ports.findings(project, published, running)


def _published(project: Project) -> tuple[dict[int, str], list[Finding]]:
    try:
        return ports.published(project), []
    except FileSyntaxError as error:
        place = str(error.in_file(project.compose_file()))
        return {}, [problem("ports", place, "correct the Compose file")]
