"""Render the files that carry a `.jinja` suffix; every other file is copied as it is."""

from collections.abc import Mapping, Sequence

from minijinja import Environment

SUFFIX = ".jinja"

Context = Mapping[str, str | Sequence[str] | Mapping[str, str]]


def text(template: str, context: Context) -> str:
    """Return the template filled in; a name that the context lacks is an error."""
    environment = Environment(
        undefined_behavior="strict",
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_escape_callback=lambda _: False,
    )
    return environment.render_str(template, **context)


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
