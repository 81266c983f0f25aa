"""`paxx infra`: list and show components, add, remove and upgrade them."""

from pathlib import Path

import click

from paxx.cli import options, suggestions


@click.group()
def infra() -> None:
    """Add infrastructure to a project, remove it, keep it up to date."""


@infra.command("list")
@options.as_json
def list_components(*, as_json: bool) -> int:
    """List the components, and which of them this project has."""
    from paxx import listing
    from paxx.cli import output

    return output.show_listing(listing.components(Path.cwd()), as_json=as_json)


@infra.command()
@click.argument("name", shell_complete=suggestions.components)
@options.as_json
def show(name: str, *, as_json: bool) -> int:
    """Show what a component adds, how it is used and run."""
    from paxx import description
    from paxx.cli import component_page

    return component_page.show(description.describe(name, Path.cwd()), as_json=as_json)


@infra.command()
@click.argument(
    "names", metavar="NAME...", nargs=-1, required=True, shell_complete=suggestions.available
)
@options.of_a_change
@options.without_requires
def add(names: tuple[str, ...], **flags: bool) -> int:
    """Add components to the project around the current directory, all or nothing."""
    from paxx import pipeline
    from paxx.cli import output

    report = pipeline.add(Path.cwd(), names, options.chosen(flags))
    return output.show_report(report, options.form(flags))


@infra.command()
@click.argument(
    "names", metavar="NAME...", nargs=-1, required=True, shell_complete=suggestions.installed
)
@options.of_a_change
@options.cascade
@options.force
def remove(names: tuple[str, ...], **flags: bool) -> int:
    """Remove components: what was added goes, what you changed stays, all or nothing.

    Volumes and `.env` are never touched; the commands for that are shown.
    """
    from paxx import pipeline
    from paxx.cli import output

    report = pipeline.remove(Path.cwd(), names, options.chosen(flags))
    return output.show_report(report, options.form(flags))


@infra.command()
@click.argument("names", metavar="[NAME...]", nargs=-1, shell_complete=suggestions.installed)
@click.option("--all", "every", is_flag=True, help="Upgrade all that is installed.")
@click.option("--continue", "finish", is_flag=True, help="Go on after resolving conflicts.")
@click.option("--abort", is_flag=True, help="Put back what an upgrade with conflicts changed.")
@options.of_a_change
@options.force
def upgrade(names: tuple[str, ...], *, every: bool, **flags: bool) -> int:
    """Bring components to the versions that this paxx has, your changes kept."""
    from paxx import pipeline
    from paxx.cli import output, questions

    finish, abort = flags.pop("finish"), flags.pop("abort")
    questions.check_one_of(names=bool(names), every=every, finish=finish, abort=abort)
    run, form = options.chosen(flags), options.form(flags)
    if finish or abort:
        report = pipeline.settle_upgrade(Path.cwd(), run, abort=abort)
    else:
        report = pipeline.upgrade_to_newest(Path.cwd(), names, run)
    return output.show_report(report, form)
