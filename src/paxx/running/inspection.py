"""The routes of an application, as the project's own interpreter finds them."""

import subprocess
from pathlib import Path

import msgspec

from paxx import environment
from paxx.errors import FileSyntaxError, PreconditionError

INSIDE = Path(__file__).parent / "inside"
PATIENCE = 60.0  # seconds

_TRACEBACK = '`uv run python -c "import main"` shows where it comes from'


class Route(msgspec.Struct, frozen=True):
    """A route; `kind` is `http`, `websocket`, `mount`, `host`, or `other`.

    `feature` is the domain whose code answers; `summary` is one line.
    """

    kind: str
    methods: tuple[str, ...]
    path: str
    name: str | None
    tags: tuple[str, ...]
    feature: str | None
    summary: str | None


class Failure(msgspec.Struct, frozen=True):
    """Why the application could not be imported; `path` and `line` are of the project's own code.

    `message` begins with the kind of the exception.
    """

    message: str
    is_syntax: bool
    path: str | None
    line: int | None


class _Found(msgspec.Struct, frozen=True):
    routes: tuple[Route, ...] = ()
    failure: Failure | None = None


def routes(root: Path) -> tuple[Route, ...]:
    """Return the routes of `main.app` in its own order, those of mounted applications included.

    Raises FileSyntaxError or PreconditionError, with the line, where it cannot be imported.
    """
    found = _ask(root, environment.required_interpreter(root))
    if found.failure is None:
        return found.routes
    failure = found.failure
    kind = FileSyntaxError if failure.is_syntax else PreconditionError
    message = f"`main.app` cannot be imported: {failure.message}"
    raise kind(message, path=failure.path, line=failure.line, hint=_TRACEBACK)


def _ask(root: Path, interpreter: Path) -> _Found:
    try:
        script = INSIDE / "routes.py"
        result = environment.run_script(root, interpreter, script, patience=PATIENCE)
        return msgspec.json.decode(result.stdout, type=_Found)
    except subprocess.TimeoutExpired as error:
        raise PreconditionError(
            f"`main.app` was not imported within {PATIENCE:.0f} s",
            hint="something blocks when the project is imported",
        ) from error
    except OSError as error:
        raise PreconditionError(
            f"`{interpreter}` does not run: {error.strerror}",
            hint="`uv sync` creates the environment again",
        ) from error
    except msgspec.DecodeError as error:
        raise PreconditionError(
            f"`main.app` ended the interpreter with {result.returncode} when it was imported",
            hint=_TRACEBACK,
        ) from error
