"""Turn what a component asks for into edits of single files, each with its one right place.

The order in which components are added must not change the result. So an edit is told which
known keys belong behind it: those of the components whose names sort later.
"""

import contextlib
from collections.abc import Callable, Iterator

from paxx.catalog import Component
from paxx.errors import FileSyntaxError
from paxx.expand import code, compose
from paxx.expand.scope import Edit, Scope

_EXPANDERS: tuple[Callable[[Scope], Iterator[Edit]], ...] = (
    code.dependencies,
    code.settings,
    code.environment,
    code.database,
    compose.services,
    compose.app,
    compose.images,
    code.wiring,
    code.lines,
)


def edits(scope: Scope) -> Iterator[Edit]:
    """Yield every edit that the component asks for, in the order in which they are made.

    Raises FileSyntaxError for a template of the component that cannot be filled in.
    """
    with templates_of(scope.component):
        for expander in _EXPANDERS:
            yield from expander(scope)


def late_edits(scope: Scope, added: frozenset[str]) -> Iterator[Edit]:
    """Yield what an installed component asks for now that components in `added` came."""
    with templates_of(scope.component):
        for service in scope.component.manifest.compose.app:
            if service.when in added:
                yield from compose.app_service(scope, service)


@contextlib.contextmanager
def templates_of(component: Component) -> Iterator[None]:
    """Name the folder of the component in what is raised for one of its templates."""
    try:
        yield
    except FileSyntaxError as error:
        error.line = None  # of a text in a file, not of the file
        raise error.in_file(component.folder.as_posix()) from error
