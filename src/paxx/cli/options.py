"""Options that several commands share."""

import click

dry_run = click.option("--dry-run", is_flag=True, help="Show what would be done; write nothing.")
diff = click.option("--diff", is_flag=True, help="Show it as a unified diff; write nothing.")
check = click.option(
    "--check", is_flag=True, help="Write nothing; exit with 10 if there is something to do."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
yes = click.option("--yes", "-y", is_flag=True, help="Agree to every question.")
no_sync = click.option(
    "--no-sync", is_flag=True, help="Leave the lock file and the environment alone."
)
allow_dirty = click.option(
    "--allow-dirty", is_flag=True, help="Edit files that have uncommitted changes, too."
)
strict = click.option(
    "--strict",
    is_flag=True,
    help="Stop before anything is written when something would be left to do by hand.",
)
without_requires = click.option(
    "--without-requires",
    is_flag=True,
    help="Do not add what a component needs; you set it up.",
)
