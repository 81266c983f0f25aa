"""Write to stdout and stderr: in colour, through a pager, into a pipe that nobody reads on.

What comes from files, names or other programs must not control the terminal, so everything that is
written here has such characters escaped, except in the colours of `styled`.
"""

import os
import shlex
import shutil
import sys
from collections.abc import Iterable

import click

_lost: list[str] = []
_KEPT = str.maketrans("", "", "\n\t")
_ESCAPED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of Unicode: control and format characters, surrogates, separators of lines."""


class Styled(str):
    """A text in colour, with nothing else in it that controls a terminal."""

    __slots__ = ()


def styled(text: str, rest: str = "", *, fg: str | None = None, bold: bool | None = None) -> Styled:
    """Return a text in colour, and the plain text that follows it."""
    return Styled(click.style(printable(text), fg=fg, bold=bold) + printable(rest))


def printable(text: str) -> str:
    """Return the text with control and format characters escaped, such as `\\x1b` and `\\u202e`.

    Tabs and line feeds stay.
    """
    if isinstance(text, Styled) or text.translate(_KEPT).isprintable():
        return text
    from unicodedata import category

    return "".join(
        each.encode("unicode_escape").decode()
        if each not in "\n\t" and category(each) in _ESCAPED
        else each
        for each in text
    )


def write(text: str, *, err: bool = False) -> None:
    """Write one text and a newline; where that fails, the rest of the output is dropped.

    Nobody reading on is no failure. Any other reason is kept for `lost`: what a command does is
    not to depend on whether it can tell of it.
    """
    try:
        click.echo(printable(text), err=err, color=colour())
    except BrokenPipeError:
        _drop(2 if err else 1)
    except OSError as error:
        _drop(2 if err else 1)
        if not err:
            _lost.append(error.strerror or str(error))


def has_lost() -> bool:
    """Tell whether output was lost."""
    return bool(_lost)


def lost() -> str | None:
    """Return why output was lost since this was last asked, None where none was."""
    reason = next(iter(_lost), None)
    _lost.clear()
    return reason


def is_lost_by_click(error: OSError) -> bool:
    """Tell whether click could not write a help text of its own to stdout; `lost` tells it then."""
    import traceback  # slow, and hardly ever asked for

    frame = [each for each, _ in traceback.walk_tb(error.__traceback__)][-1]
    is_lost = frame.f_code is click.echo.__code__ and not frame.f_locals["err"]
    if is_lost:
        _drop(1)
        _lost.append(error.strerror or str(error))
    return is_lost


def page(lines: Iterable[str]) -> None:
    """Write lines, through the pager of the user when they are more than a terminal shows."""
    lines = [printable(line) for line in lines]
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
