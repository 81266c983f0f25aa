"""Tell where an import went wrong, without the secrets that an error may quote."""

import contextlib
import traceback
from pathlib import Path
from typing import Any

from paxx.doctor.probe import secrecy, variables


def told(error: BaseException) -> "dict[str, Any]":
    """Return the error in one line and the last line of the project's own code before it."""
    with contextlib.suppress(Exception):  # the settings may be what is wrong
        variables.facts()  # what it finds to be secret is left out
    path, line = _place(error)
    if isinstance(error, SyntaxError) and path is not None:
        message = f"{type(error).__name__}: {error.msg}"
        return {"message": message, "is_syntax": True, "path": path, "line": line}
    return {"message": secrecy.told(error), "is_syntax": False, "path": path, "line": line}


def _place(error: BaseException) -> "tuple[str | None, int | None]":
    if isinstance(error, SyntaxError) and error.filename:
        own = _own(error.filename)
        if own:
            return own, error.lineno
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        own = _own(frame.filename)
        if own:
            return own, frame.lineno
    return None, None


def _own(file: str) -> "str | None":
    path = Path(file)
    if not path.is_relative_to(Path.cwd()):
        return None
    relative = path.relative_to(Path.cwd())
    is_installed = "site-packages" in relative.parts
    return None if is_installed else relative.as_posix()
