"""Commands that pass their arguments on to another program, and say what they run."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click


class Passing(click.Command):
    """A command whose arguments are those of another program, whatever they look like.

    Only a `--help` in front of them is ours.
    """

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.options_metavar = None
        self.params.append(click.Argument(["arguments"], nargs=-1, metavar="[ARGUMENT...]"))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the arguments as they are."""
        if args[:1] and args[0] in ctx.help_option_names:
            return super().parse_args(ctx, args[:1])
        ctx.params["arguments"] = tuple(args)
        return []


def run(command: Sequence[str], root: Path) -> int:
    """Say what is run, run it in the foreground, and return its exit code."""
    from paxx.running import foreground

    announce(command)
    return foreground.run(command, root).code


def announce(command: Sequence[str], variables: Mapping[str, str] | None = None) -> None:
    """Print the command and its variables, so that the user could run it; secrets are hidden."""
    from paxx.cli import redacted, streams
    from paxx.redaction import redact

    assigned = "".join(f"{name}={shlex.quote(each)} " for name, each in (variables or {}).items())
    line = f"running `{assigned}{shlex.join(command)}`"
    streams.write(redact(line, known=redacted.secrets_here()), err=True)
