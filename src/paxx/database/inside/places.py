"""Files of the project, and the places in them where an error comes from."""

import traceback
from pathlib import Path

ROOT = Path.cwd()


def of(error: BaseException, preferred: str = "") -> tuple[str | None, int | None]:
    """Return the file and the line of the project's own code in which an error was raised.

    That is the last one in the `preferred` file, where there is one.
    """
    frames = [(each.filename, each.lineno) for each in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((error.filename, error.lineno))
    own = [(relative(name), line) for name, line in frames if _is_own(name)]
    chosen = [each for each in own if each[0] == preferred] or own
    return chosen[-1] if chosen else (None, None)


def _is_own(name: str) -> bool:
    path = Path(name)
    inside = path.is_absolute() and path.is_relative_to(ROOT)
    return inside and "site-packages" not in path.parts and path.is_file()


def relative(path: str | Path) -> str:
    """Return a path as the user knows it."""
    absolute = Path(path).absolute()
    inside = absolute.is_relative_to(ROOT)
    return absolute.relative_to(ROOT).as_posix() if inside else str(absolute)
