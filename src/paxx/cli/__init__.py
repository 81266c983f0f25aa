"""The command line: what the user types, and the one place where errors are shown.

Commands import what they need when they run, so that `--help` starts fast.
"""

import os
import sys
import traceback
from collections.abc import Sequence

import click
from click.exceptions import NoArgsIsHelpError

from paxx import __version__
from paxx.cli.bootstrap import bootstrap
from paxx.cli.doctor import doctor
from paxx.cli.infra import infra
from paxx.cli.recover import recover
from paxx.errors import ExitCode, PaxxError, UsageError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="paxx", message="%(prog)s %(version)s")
def paxx() -> None:
    """Bootstrap FastAPI projects that you own, and add infrastructure to them later."""


paxx.add_command(bootstrap)
paxx.add_command(infra)
paxx.add_command(recover)
paxx.add_command(doctor)


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; raises nothing for an expected error."""
    try:
        result = paxx.main(list(arguments), prog_name="paxx", standalone_mode=False)
    except PaxxError as error:
        return _show(error, arguments)
    except NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return ExitCode.USAGE
    except click.ClickException as error:
        return _show(_usage_error(error), arguments)
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("\ninterrupted; nothing is left half-written\n")
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort: a bug of ours, told as one
        return _show(_bug(error), arguments)
    return int(result or ExitCode.DONE)


def _bug(error: Exception) -> PaxxError:
    if os.environ.get("PAXX_TRACEBACK"):
        traceback.print_exception(error)
    return PaxxError(
        f"internal error: {type(error).__name__}: {error}",
        hint="this is a bug in paxx; `PAXX_TRACEBACK=1` shows where, a report is welcome",
    )


def _show(error: PaxxError, arguments: Sequence[str]) -> int:
    from paxx.cli import output

    return output.show_error(error, as_json="--json" in arguments)


def _usage_error(error: click.ClickException) -> UsageError:
    message = error.format_message()
    context = getattr(error, "ctx", None)
    hint = f"`{context.command_path} --help` shows what there is" if context else None
    return UsageError(message[:1].lower() + message[1:].rstrip("."), hint=hint)
