"""`paxx status`: what a project has of its components, and what is left to do."""

from pathlib import Path

import click

from paxx.cli import options


@click.command("status")
@options.as_json
def show(*, as_json: bool) -> int:
    """Show what is installed, what you changed, and the manual steps."""
    from paxx import status
    from paxx.cli import output

    return output.show_status(status.of(Path.cwd()), as_json=as_json)
