"""`paxx doctor`: look at the environment and the services of a project."""

from pathlib import Path

import click

from paxx.cli import options


@click.command()
@options.as_json
def doctor(*, as_json: bool) -> int:
    """Find what keeps this project from running, and how to fix it.

    Looks at Python, uv, the lock file, settings, services, migrations and ports; changes nothing.
    """
    from paxx.cli import diagnosis
    from paxx.doctor import examination

    return diagnosis.show(examination.examine(Path.cwd()), as_json=as_json)
