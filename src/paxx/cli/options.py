"""Options that several commands share, and what they mean for a run."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from paxx.cli.output import Form
    from paxx.options import Options

Command = TypeVar("Command", bound=Callable[..., Any])

dry_run = click.option("--dry-run", is_flag=True, help="Show what would be done; write nothing.")
diff = click.option("--diff", is_flag=True, help="Show it as a unified diff; write nothing.")
full_diff = click.option(
    "--full-diff", is_flag=True, help="As `--diff`, with the records in `.paxx/` as well."
)
check = click.option(
    "--check", is_flag=True, help="Write nothing; exit with 10 if there is something to do."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
yes = click.option("--yes", "-y", is_flag=True, help="Answer yes to every question.")
no_sync = click.option(
    "--no-sync", is_flag=True, help="Leave the lock file and the environment alone."
)
allow_dirty = click.option(
    "--allow-dirty", is_flag=True, help="Edit files that have uncommitted changes, too."
)
strict = click.option(
    "--strict",
    is_flag=True,
    help="Stop before anything is written when a manual step would remain.",
)
without_requires = click.option(
    "--without-requires",
    is_flag=True,
    help="Do not add what a component needs; you set it up.",
)
force = click.option("--force", is_flag=True, help="Proceed although your code would break.")
cascade = click.option("--cascade", is_flag=True, help="Remove what needs these components, too.")


def of_a_change(command: Command) -> Command:
    """Give a command the options of those that change a project."""
    for option in (yes, strict, allow_dirty, no_sync, as_json, check, full_diff, diff, dry_run):
        command = option(command)
    return command


def chosen(flags: Mapping[str, bool]) -> "Options":
    """Return how to run a command that has been given these flags."""
    from paxx.cli import progress, questions
    from paxx.options import Options

    ask = not flags["as_json"]
    return Options(
        preview=any(flags[each] for each in ("dry_run", "diff", "full_diff", "check")),
        sync=not flags["no_sync"],
        allow_dirty=flags["allow_dirty"],
        strict=flags["strict"],
        requires=not flags.get("without_requires", False),
        cascade=flags.get("cascade", False),
        force=flags.get("force", False),
        confirm=questions.confirm_requirements(yes=flags.get("yes", False), ask=ask),
        during=progress.shown,
    )


def form(flags: Mapping[str, bool]) -> "Form":
    """Return how to show the report of a command that has been given these flags."""
    from paxx.cli.output import Form

    full = flags["full_diff"]
    diff = flags["diff"] or full
    return Form(diff=diff, records=full, check=flags["check"], json=flags["as_json"])
