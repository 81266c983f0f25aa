"""Write to stdout and stderr: in colour, through a pager, into a pipe that nobody reads on."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterable

import click


def write(text: str, *, err: bool = False) -> None:
    """Write one text and a newline; where nobody reads on, the rest of the output is dropped."""
    try:
        click.echo(text, err=err, color=colour())
    except BrokenPipeError:
        _drop(2 if err else 1)


def page(lines: Iterable[str]) -> None:
    """Write lines, through the pager of the user when they are more than a terminal shows."""
    lines = list(lines)
    if len(lines) < shutil.get_terminal_size().lines or not _has_pager():
        for line in lines:
            write(line)
    else:
        click.echo_via_pager("\n".join(lines), color=colour())


def colour() -> bool | None:
    """Return False where nothing may be coloured; None is for click to decide by the stream."""
    # https://no-color.org
    return False if os.environ.get("NO_COLOR") else None


def _has_pager() -> bool:
    if not all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        return False
    command = shlex.split(os.environ.get("PAGER", "less"))
    return bool(command) and command != ["cat"] and shutil.which(command[0]) is not None


def _drop(descriptor: int) -> None:
    # What is still in the buffer goes there too, or Python complains when it ends.
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, descriptor)
    os.close(null)
