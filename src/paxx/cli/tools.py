"""`paxx test` and `paxx lint`: the tools of a project, run as its own CI does."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from paxx.cli import passing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paxx.running.tools import Words


@click.command(cls=passing.Passing)
def test(arguments: tuple[str, ...]) -> int:
    """Run the tests of this project with pytest.

    All arguments are pytest's: `paxx test -k orders -x`.
    """
    from paxx import environment, project

    root = project.root_of(Path.cwd())
    return passing.run(environment.command(root, "pytest", *arguments), root)


@click.command()
@click.option("--fix", is_flag=True, help="Correct what can be corrected, and format.")
def lint(*, fix: bool) -> int:
    """Check style, format and types with ruff and mypy.

    All of them run; the exit code is that of the first one that fails.
    """
    from paxx import project
    from paxx.running import tools

    root = project.root_of(Path.cwd())
    return next(filter(None, _codes(root, tools.of_lint(fix=fix))), 0)


def _codes(root: Path, listed: "Iterable[Words]") -> list[int]:
    from paxx import environment
    from paxx.running import foreground

    codes = []
    for words in listed:
        command = environment.command(root, *words)
        passing.announce(command)
        ended = foreground.run(command, root)
        codes.append(ended.code)
        if ended.asked:
            break
    return codes
