"""`paxx routes`: what the application of a project answers."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from paxx.cli import options

if TYPE_CHECKING:
    from paxx.running.inspection import Route

_HEADINGS = ("METHOD", "PATH", "NAME", "FEATURE", "SUMMARY")


@click.command()
@options.as_json
def routes(*, as_json: bool) -> int:
    """List the routes of this project's application, in the order in which they are tried.

    WebSockets, mounts, and the routes of mounted applications are among them.
    """
    from paxx import project
    from paxx.cli import document, streams
    from paxx.running import inspection

    root = project.root_of(Path.cwd())
    found = inspection.routes(root)
    for line in [document.of_routes(root, found)] if as_json else _lines(found):
        streams.write(line)
    return 0


def _lines(found: "Sequence[Route]") -> Iterator[str]:
    from paxx.cli.width import cut, wrapped

    rows = [_row(route) for route in found]
    table = cut([_HEADINGS, *rows])
    if table:
        yield from table
        return
    for method, path, name, feature, summary in rows:
        yield f"{method} {path}"
        described = ", ".join(filter(None, (name, feature)))
        yield from wrapped(": ".join(filter(None, (described, summary))), indent=4, hang=0)


def _row(route: "Route") -> tuple[str, ...]:
    method = ",".join(route.methods) if route.kind == "http" else route.kind.upper()
    feature = route.feature or next(iter(route.tags), "")
    return method, route.path, route.name or "", feature, route.summary or ""
