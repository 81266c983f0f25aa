"""`paxx infra`: list components and add them."""

from pathlib import Path

import click

from paxx.cli import options


@click.group()
def infra() -> None:
    """Add infrastructure to a project."""


@infra.command("list")
@options.as_json
def list_components(*, as_json: bool) -> int:
    """List the components, and which of them this project has."""
    from paxx import listing
    from paxx.cli import output

    return output.show_listing(listing.components(Path.cwd()), as_json=as_json)


@infra.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@options.dry_run
@options.diff
@options.check
@options.as_json
@options.yes
@options.no_sync
@options.allow_dirty
@options.strict
@options.without_requires
def add(names: tuple[str, ...], *, diff: bool, check: bool, as_json: bool, **flags: bool) -> int:
    """Add components to the project around the current directory, all or nothing."""
    from paxx import pipeline
    from paxx.cli import output, questions

    run = pipeline.Options(
        preview=flags["dry_run"] or diff or check,
        sync=not flags["no_sync"],
        allow_dirty=flags["allow_dirty"],
        strict=flags["strict"],
        requires=not flags["without_requires"],
        confirm=questions.confirm_requirements(yes=flags["yes"], ask=not as_json),
    )
    form = output.Form(diff=diff, check=check, json=as_json)
    return output.show_report(pipeline.add(Path.cwd(), names, run), form)
