"""The command line: what the user types, and the one place where errors are shown.

Commands import what they need when they run, so that `--help` starts fast.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from click.exceptions import NoArgsIsHelpError

from paxx import __version__
from paxx.cli import streams, tasks, width
from paxx.cli.bootstrap import bootstrap
from paxx.cli.completion import completion
from paxx.cli.db import db
from paxx.cli.docker import docker
from paxx.cli.doctor import doctor
from paxx.cli.feature import feature
from paxx.cli.infra import infra
from paxx.cli.passing import Passing
from paxx.cli.recover import recover
from paxx.cli.routes import routes
from paxx.cli.schema import schema
from paxx.cli.shell import shell
from paxx.cli.start import start
from paxx.cli.status import show
from paxx.cli.tools import lint, test
from paxx.errors import (
    ExitCode,
    Interrupted,
    PaxxError,
    PreconditionError,
    UnsupportedProject,
    UsageError,
)

WIDEST = 120
"""Of help texts, in columns: longer lines are hard to read."""


@click.group(cls=tasks.ByTask, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    __version__, "-V", "--version", prog_name="paxx", message="%(prog)s %(version)s"
)
def paxx() -> None:
    """Bootstrap FastAPI projects that you own, and add infrastructure to them later."""


paxx.add_command(bootstrap)
paxx.add_command(completion)
paxx.add_command(infra)
paxx.add_command(feature)
paxx.add_command(recover)
paxx.add_command(doctor)
paxx.add_command(db)
paxx.add_command(schema)
paxx.add_command(show)
paxx.add_command(start)
paxx.add_command(routes)
paxx.add_command(shell)
paxx.add_command(test)
paxx.add_command(lint)
paxx.add_command(docker)
infra.add_command(show)


def _set_headings(command: click.Command) -> None:
    command.context_class = tasks.HelpContext
    for each in command.commands.values() if isinstance(command, click.Group) else ():
        _set_headings(each)


_set_headings(paxx)


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; raises nothing for an expected error."""
    arguments = list(arguments)
    if arguments[:1] == ["help"]:
        arguments = [*arguments[1:], "--help"]
    code = _run(arguments)
    if not streams.has_lost():
        return code
    from paxx.cli import output

    return output.settled(code)


def _run(arguments: Sequence[str]) -> int:
    try:
        extra = _help_width()
        return int(paxx.main(list(arguments), "paxx", standalone_mode=False, **extra) or 0)
    except NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return ExitCode.USAGE
    except SystemExit:  # click's answer to a help text that nobody reads on
        return ExitCode.DONE
    except (click.Abort, KeyboardInterrupt):
        click.echo("", err=True)
        return _show(Interrupted("interrupted; nothing is left half-written"), arguments)
    except Exception as error:  # noqa: BLE001 - the last resort: a bug of ours, told as one
        if isinstance(error, OSError) and streams.is_lost_by_click(error):
            return ExitCode.DONE
        return _show(_told(error), arguments)


def _told(error: Exception) -> PaxxError:
    if isinstance(error, PaxxError):
        return error
    if isinstance(error, click.ClickException):
        return _usage_error(error)
    if isinstance(error, PermissionError) and error.filename:
        return PreconditionError(
            "permission denied",
            path=os.path.relpath(error.filename),
            hint="give yourself access to it and to the directories above it",
        )
    return _gone_directory(error) or _bug(error)


def _help_width() -> dict[str, Any]:
    extra: dict[str, Any] = {"color": streams.colour()}
    wide = width.columns()
    return extra | ({"terminal_width": min(wide, WIDEST) - 2} if wide < width.ENDLESS else {})


def _gone_directory(error: Exception) -> PaxxError | None:
    if not isinstance(error, FileNotFoundError):
        return None
    try:
        Path.cwd()
    except FileNotFoundError:
        message = "the current directory is gone"
        return UnsupportedProject(message, hint="change into a directory that exists")
    return None


def _bug(error: Exception) -> PaxxError:
    if os.environ.get("PAXX_TRACEBACK"):
        from paxx.cli import output

        output.show_traceback(error)
    return PaxxError(
        f"internal error: {type(error).__name__}: {error}",
        hint="this is a bug in paxx; `PAXX_TRACEBACK=1` shows where, a report is welcome",
    )


def _show(error: PaxxError, arguments: Sequence[str]) -> int:
    from paxx.cli import output

    command, name = _command(arguments)
    as_json = "--json" in arguments and not isinstance(command, Passing)
    return output.show_error(error, command=name, as_json=as_json)


def _command(arguments: Sequence[str]) -> tuple[click.Command, str | None]:
    """Return the command that was asked for, and its name unless that is one of a group."""
    command: click.Command = paxx
    words = []
    for word in arguments:
        if isinstance(command, click.Group) and word in command.commands:
            command = command.commands[word]
            words.append(word)
    return command, None if isinstance(command, click.Group) else " ".join(words)


def _usage_error(error: click.ClickException) -> UsageError:
    message = error.format_message()
    context = getattr(error, "ctx", None)
    hint = f"`{context.command_path} --help` shows what there is" if context else None
    unknown = re.match(r"No such command '(\w+)'", message)
    if unknown and context and context.parent is None and unknown[1] in tasks.MEANT:
        message, hint = unknown[0], f"did you mean `paxx {tasks.MEANT[unknown[1]]}`?"
    return UsageError(message[:1].lower() + message[1:].rstrip("."), hint=hint)
