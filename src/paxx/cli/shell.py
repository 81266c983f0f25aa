"""`paxx shell`: a prompt inside the application of a project."""

from pathlib import Path

import click


@click.command()
def shell() -> int:
    """Open a Python prompt with the application, its settings, a database session and the models.

    `await` works at the prompt. Nothing is committed unless you do. Statements on the standard
    input are run: `echo 'print(await session.scalar(select(1)))' | paxx shell`.
    """
    from paxx import environment, project
    from paxx.running import foreground, inspection

    root = project.root_of(Path.cwd())
    script = str(inspection.INSIDE / "shell.py")
    return foreground.run(environment.command(root, "python", script), root).code
