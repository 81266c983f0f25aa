"""Render the files that carry a `.jinja` suffix; every other file is copied as it is."""

from collections.abc import Mapping, Sequence

from minijinja import Environment, TemplateError

from paxx.errors import FileSyntaxError

SUFFIX = ".jinja"

Context = Mapping[str, str | Sequence[str] | Mapping[str, str]]


_FUEL = 100_000
"""Instructions for one template, many times what ours take: the copies of a clone are not ours."""


def text(template: str, context: Context) -> str:
    """Return the template filled in.

    Raises FileSyntaxError where it does not parse, names what the context lacks, or does not end.
    """
    environment = Environment(
        fuel=_FUEL,
        undefined_behavior="strict",
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_escape_callback=lambda _: False,
    )
    try:
        return environment.render_str(template, **context)
    except TemplateError as error:
        reason = str(error).partition("\n")[0].removesuffix(f" (in <string>:{error.line})")
        raise FileSyntaxError(f"not a template: {reason}", line=error.line) from error


def target(path: str) -> str:
    """Return where a template of this path ends up.

    A name that begins with `dot_` stands for one that begins with a dot, for files that would
    act on the place where the template itself lies.
    """
    folders, _, name = path.removesuffix(SUFFIX).rpartition("/")
    name = f".{name.removeprefix('dot_')}" if name.startswith("dot_") else name
    return f"{folders}/{name}" if folders else name


def content(path: str, raw: bytes, context: Context) -> bytes:
    """Return the bytes to write for a template or a plain file of this path."""
    if not path.endswith(SUFFIX):
        return raw
    return text(raw.decode(), context).encode()
