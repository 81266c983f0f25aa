"""`paxx bootstrap`: write a new project."""

from pathlib import Path

import click

from paxx.cli import options


@click.command()
@click.argument("name", required=False)
@click.option(
    "--output-dir",
    "-o",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where to make the directory of the project; the current one by default.",
)
@click.option("--description", "-d", help="One sentence on the project.")
@click.option("--author", "-a", help="Who writes it.")
@click.option("--with", "components", help="Components to add at once: `redis,metrics`.")
@click.option("--python", help="Python version of the project, such as 3.12.")
@click.option("--example", is_flag=True, help="Add a small example domain.")
@click.option("--force", is_flag=True, help="Write beside files that are there, never over them.")
@click.option("--no-git", is_flag=True, help="Do not make a git repository.")
@options.no_sync
@options.dry_run
@options.as_json
@options.yes
def bootstrap(*, as_json: bool, yes: bool, **answers: object) -> int:
    """Write a new FastAPI project that you own.

    NAME becomes the name of the project and of its directory; `.` is this directory.
    """
    from paxx import pipeline
    from paxx.cli import output, progress, questions
    from paxx.options import Options

    preview = bool(answers.pop("dry_run"))
    run = Options(
        preview=preview,
        sync=not answers.pop("no_sync"),
        git=not answers.pop("no_git"),
        confirm=questions.confirm_requirements(yes=yes, ask=not as_json),
        during=progress.shown,
    )
    asked = questions.Answers(**answers)  # type: ignore[arg-type] # the options above are its fields
    new, names = questions.new_project(asked, ask=not (yes or as_json or preview))
    return output.show_report(pipeline.bootstrap(new, names, run), output.Form(json=as_json))
