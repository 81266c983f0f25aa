"""`paxx db`: migrations of the project's database, through its own Alembic."""

import re

import click

from paxx.cli import options, suggestions

wait = click.option(
    "--wait",
    type=click.FloatRange(0),
    default=60.0,
    metavar="SECONDS",
    help="How long to wait for other migrations and for locks; 60 by default.",
)
sql_only = click.option("--sql", "sql_only", is_flag=True, help="Print the SQL; run nothing.")


class Relative(click.Command):
    """A command whose argument may be `-2`, which is no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take what looks like a relative revision for an argument."""
        end = args.index("--") if "--" in args else len(args)
        relative = [each for each in args[:end] if re.fullmatch(r"-\d+", each)]
        if relative:
            rest = [each for each in args[:end] if each not in relative]
            args = [*rest, "--", *relative, *args[end + 1 :]]
        return super().parse_args(ctx, args)


@click.group()
def db() -> None:
    """Migrate the database of a project, and look at what it has.

    A revision is named by its id, the beginning of it, `head`, `base`, or by steps: `+1`, `-2`.
    """


@db.command()
@click.argument("message", nargs=-1, required=True)
@click.option("--empty", is_flag=True, help="Write a revision even if nothing changed.")
@options.dry_run
@options.as_json
def migrate(message: tuple[str, ...], *, as_json: bool, **flags: bool) -> int:
    """Write a revision for what changed in the models, and warn of what is hazardous in it."""
    from paxx.cli import db_output
    from paxx.database import migrations

    side = db_output.side()
    written = migrations.migrate(side, " ".join(message), **flags)
    form = db_output.Form("db migrate", side.root, as_json)
    return db_output.show_written(written, form, dry_run=flags["dry_run"])


@db.command()
@click.argument("message", nargs=-1)
@options.dry_run
@options.as_json
def merge(message: tuple[str, ...], *, dry_run: bool, as_json: bool) -> int:
    """Write a revision that joins two heads, as two branches of a repository leave them."""
    from paxx.cli import db_output
    from paxx.database import migrations

    side = db_output.side()
    written = migrations.merge(side, " ".join(message) or "merge heads", dry_run=dry_run)
    form = db_output.Form("db merge", side.root, as_json)
    return db_output.show_written(written, form, dry_run=dry_run)


@db.command(cls=Relative)
@click.argument("revision", default="head", shell_complete=suggestions.revisions)
@sql_only
@wait
@options.as_json
def upgrade(revision: str, *, sql_only: bool, wait: float, as_json: bool) -> int:
    """Run the revisions up to REVISION, by default all of them.

    Several at once are safe: one runs, the others wait for it.
    """
    from paxx.cli import db_output
    from paxx.database import migrations

    side = db_output.side()
    form = db_output.Form("db upgrade", side.root, as_json)
    if sql_only:
        return db_output.show_sql(migrations.sql(side, revision, up=True), form)
    return db_output.show_moved(migrations.upgrade(side, revision, wait=wait), form)


@db.command(cls=Relative)
@click.argument("revision", default="-1", shell_complete=suggestions.revisions)
@sql_only
@wait
@options.yes
@options.as_json
def downgrade(revision: str, *, sql_only: bool, wait: float, yes: bool, as_json: bool) -> int:
    """Take back revisions down to REVISION, by default the last one.

    Asks first where that drops a table or a column.
    """
    from paxx.cli import db_output, questions
    from paxx.database import migrations

    side = db_output.side()
    form = db_output.Form("db downgrade", side.root, as_json)
    if sql_only:
        return db_output.show_sql(migrations.sql(side, revision, up=False), form)
    confirm = questions.confirm_loss(yes=yes, ask=not as_json)
    moved = migrations.downgrade(side, revision, wait=wait, yes=yes, confirm=confirm)
    return db_output.show_moved(moved, form)


@db.command()
@click.argument("revision", default="head", shell_complete=suggestions.revisions)
@click.option("--force", is_flag=True, help="Replace a recorded revision; ignore differences.")
@wait
@options.dry_run
@options.as_json
def stamp(revision: str, *, wait: float, as_json: bool, **flags: bool) -> int:
    """Record the revision that the database is at; run nothing.

    For a restored or foreign database, which has the tables that REVISION, by default head, leads
    to, but no record of it.
    """
    from paxx.cli import db_output
    from paxx.database import migrations

    side = db_output.side()
    form = db_output.Form("db stamp", side.root, as_json)
    moved = migrations.stamp(side, revision, wait=wait, **flags)
    return db_output.show_stamped(moved, form, dry_run=flags["dry_run"])


@db.command()
@options.as_json
def status(*, as_json: bool) -> int:
    """Show what the database is at, what is pending, and whether models and migrations agree."""
    from paxx.cli import db_output
    from paxx.database import migrations

    side = db_output.side()
    form = db_output.Form("db status", side.root, as_json)
    return db_output.show_status(migrations.status(side), form)


@db.command()
@options.as_json
def history(*, as_json: bool) -> int:
    """List the revisions, the newest first, and mark what the database is at."""
    from paxx.cli import db_output
    from paxx.database import migrations

    side = db_output.side()
    form = db_output.Form("db history", side.root, as_json)
    return db_output.show_history(migrations.history(side), form)


@db.command()
@options.as_json
def heads(*, as_json: bool) -> int:
    """List the revisions that no other follows: one, unless branches have to be merged."""
    from paxx.cli import db_output
    from paxx.database import migrations

    side = db_output.side()
    form = db_output.Form("db heads", side.root, as_json)
    return db_output.show_history(migrations.heads(side), form)


@db.command()
@wait
@options.yes
@click.option("--force", is_flag=True, help="Empty a database that is on another machine, too.")
@options.as_json
def reset(*, wait: float, yes: bool, force: bool, as_json: bool) -> int:
    """Drop all that is in the database of a development environment, and run all revisions."""
    from paxx.cli import db_output, questions
    from paxx.database import migrations

    side = db_output.side()
    form = db_output.Form("db reset", side.root, as_json)
    confirm = questions.confirm_loss(yes=yes, ask=not as_json)
    moved = migrations.reset(side, wait=wait, force=force, confirm=confirm)
    return db_output.show_moved(moved, form)


@db.command()
def shell() -> int:
    """Open `psql` or `sqlite3` on the database; ends with the exit code of that program."""
    from paxx.cli import db_output
    from paxx.database import client

    return client.run(db_output.side())
