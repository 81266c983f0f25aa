"""`paxx start`: run the application of a project with uvicorn."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from paxx.cli import passing

if TYPE_CHECKING:
    from paxx.project import Project
    from paxx.running.answer import Answer
    from paxx.running.server import Server

_PATIENCE = 2.0  # seconds, for an answer that is on its way when the server has ended


@click.command()
@click.option("--host", default="127.0.0.1", envvar="UVICORN_HOST", show_default=True)
@click.option(
    "--port",
    type=click.IntRange(1, 2**16 - 1),
    default=8000,
    envvar="UVICORN_PORT",
    show_default=True,
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    default=1,
    envvar="WEB_CONCURRENCY",
    help="Processes; with more than one there is no reloading.",
)
@click.option(
    "--reload/--no-reload",
    default=None,
    help="Start anew when a file changes; what is done in development unless told otherwise.",
)
@click.argument("options", nargs=-1, metavar="[-- UVICORN_OPTION...]")
def start(
    *, host: str, port: int, workers: int, reload: bool | None, options: tuple[str, ...]
) -> int:
    """Run this project's application with uvicorn; Ctrl-C ends it.

    Options behind `--` are uvicorn's: `paxx start -- --log-level debug`.
    """
    from paxx import project
    from paxx.cli import questions
    from paxx.running import server

    root = project.root_of(Path.cwd())
    known = project.Project(root, root.name, project.reader_of(root))
    wanted = server.Server(host, port, workers, reload, options)
    server.command(root, wanted)  # whatever is wrong with it comes before the question
    chosen = server.on_free_port(known, wanted, questions.another_port(port))
    return _serve(known, chosen, server.command(root, chosen))


def _serve(project: "Project", server: "Server", command: Sequence[str]) -> int:
    from paxx import project as projects
    from paxx.running import foreground
    from paxx.running.server import kill_after, shared_metrics

    ended = threading.Event()
    watch = threading.Thread(target=_tell, args=(project, server, ended), daemon=True)
    with shared_metrics(server, projects.installed(project)) as variables:
        passing.announce(command, variables)
        watch.start()
        try:
            to_terminate = foreground.ALL_TO_TERMINATE
            outcome = foreground.run(
                command, project.root, to_terminate, variables, kill_after(server)
            )
        finally:
            ended.set()
            watch.join(_PATIENCE)
    # To be ended by a signal is how a server ends.
    return 0 if outcome.asked and outcome.code in foreground.BY_SIGNAL else outcome.code


def _tell(project: "Project", server: "Server", ended: threading.Event) -> None:
    from paxx.cli import streams
    from paxx.cli.width import aligned
    from paxx.running import answer

    found = answer.wait_for(server.address, ended)
    if found is not None:
        streams.write("\n".join(aligned(_rows(project, server.url, found))), err=True)


def _rows(project: "Project", url: str, found: "Answer") -> Iterator[tuple[str, str]]:
    from paxx import project as projects
    from paxx import titles

    yield "application", url
    if found.has_docs:
        yield "docs", f"{url}/docs"
    installed = projects.installed(project)
    components = [name for name in installed if titles.is_infrastructure(name)]
    if components:
        yield "components", ", ".join(components)
    features = [name.removeprefix(titles.FEATURE) for name in installed if titles.FEATURE in name]
    if features:
        yield "features", ", ".join(features)
    ready = [name for name, each in found.checks.items() if each == "ok"]
    if ready:
        yield "ready", ", ".join(ready)
    failed = [f"{name} ({each})" for name, each in found.checks.items() if each != "ok"]
    if failed:
        yield "not ready", f"{', '.join(failed)}; `paxx doctor` says more"
    if found.problem:
        yield "not ready", found.problem
