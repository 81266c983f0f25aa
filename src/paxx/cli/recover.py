"""`paxx recover`: undo what a killed command left half-done."""

from pathlib import Path

import click

from paxx.cli import options


@click.command()
@options.as_json
def recover(*, as_json: bool) -> int:
    """Undo what a killed command left half-done in this project.

    Every command that writes does this first, by itself.
    """
    from paxx import project, recovery
    from paxx.cli import output

    root = project.root_of(Path.cwd())
    return output.show_recovery(recovery.recover(root), as_json=as_json)
