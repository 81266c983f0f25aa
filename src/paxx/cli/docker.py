"""`paxx docker`: the containers of a project, over Docker Compose."""

from pathlib import Path

import click

from paxx.cli import passing


@click.group()
def docker() -> None:
    """Run this project's containers with Docker Compose; arguments are those of Compose."""


@docker.command(cls=passing.Passing)
def up(arguments: tuple[str, ...]) -> int:
    """Start the containers in the background, and wait until they are healthy."""
    return _compose("up", "-d", "--wait", *arguments)


@docker.command(cls=passing.Passing)
def down(arguments: tuple[str, ...]) -> int:
    """Stop and remove the containers; volumes stay.

    With `-v` their volumes are deleted as well, after a question that `--yes` answers.
    """
    from paxx.cli import questions
    from paxx.running import compose

    passed = tuple(each for each in arguments if each not in {"--yes", "-y"})
    if compose.removes_volumes(passed):
        questions.check_deletion(yes=passed != arguments)
    return _compose("down", *passed)


@docker.command(cls=passing.Passing)
def build(arguments: tuple[str, ...]) -> int:
    """Build the images."""
    return _compose("build", *arguments)


@docker.command(cls=passing.Passing)
def logs(arguments: tuple[str, ...]) -> int:
    """Show what the containers print; `-f` follows."""
    return _compose("logs", *arguments)


@docker.command(cls=passing.Passing)
def ps(arguments: tuple[str, ...]) -> int:
    """List the containers."""
    return _compose("ps", *arguments)


@docker.command("exec", cls=passing.Passing)
def execute(arguments: tuple[str, ...]) -> int:
    """Run a command in a container: `paxx docker exec db psql`."""
    return _compose("exec", *arguments)


def _compose(*words: str) -> int:
    from paxx import project
    from paxx.running import compose, foreground

    root = project.root_of(Path.cwd())
    program = compose.program(root)
    command = (*program, *words)
    passing.announce(command)
    ended = foreground.run(command, root)
    if ended.code and not ended.asked:
        compose.check_engine(root, program)
    return ended.code
