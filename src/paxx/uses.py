"""Find the places of a project that use what is about to go: modules, packages and settings."""

import ast
import os
import re
import warnings
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

_SKIPPED = {"node_modules", "venv", "__pycache__", "site-packages"}


class Use(NamedTuple):
    """A line of a file that uses a name."""

    path: str
    line: int
    name: str


def of(
    root: Path,
    names: Collection[str],
    planned: Mapping[str, bytes | None],
    ignored: Collection[str],
) -> Iterator[Use]:
    """Yield each use of one of the names, sorted by path.

    A name is a module (`core.cache`), a package with all that is in it (`redis`), or a setting
    (`settings.redis_url`). Looks at the Python files below `root` that can be read and parse,
    apart from the paths in `ignored`, hidden directories and environments; content that is
    `planned` for a path counts in place of what is on disk. Raises PermissionError.
    """
    if not names:
        return
    last_names = "|".join(re.escape(name.rpartition(".")[2]) for name in sorted(names))
    hint = re.compile(rf"\b(?:{last_names})\b".encode())
    for path in sorted(_python_files(root)):
        relative = path.relative_to(root).as_posix()
        content = planned[relative] if relative in planned else _content(path)
        source = b"" if relative in ignored else content or b""
        if hint.search(source):  # parsing every file of a big project takes long
            found = {
                (line, known)
                for line, name in _names(PurePosixPath(relative), source)
                for known in (name, name.partition(".")[0])
                if known in names
            }
            yield from (Use(relative, line, name) for line, name in sorted(found))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() else b""
    except PermissionError:
        raise
    except OSError:  # removed since, for one
        return b""


def _check_permission(error: OSError) -> None:
    if isinstance(error, PermissionError):
        raise error


def _python_files(root: Path) -> Iterator[Path]:
    for folder, subfolders, files in os.walk(root, onerror=_check_permission):
        subfolders[:] = [
            each
            for each in subfolders
            if not each.startswith(".")
            and each not in _SKIPPED
            and not (Path(folder) / each / "pyvenv.cfg").exists()
        ]
        yield from (Path(folder) / name for name in files if name.endswith(".py"))


def _names(path: PurePosixPath, source: bytes) -> Iterator[tuple[int, str]]:
    """Yield what a file imports, and the attributes of what is called settings."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = _package(path, node)
            yield node.lineno, package
            yield from ((node.lineno, f"{package}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Attribute) and _is_settings(node.value):
            yield node.lineno, f"settings.{node.attr}"


def _is_settings(node: ast.expr) -> bool:
    """Tell whether this is `settings`, or an attribute of that name: `request.app.settings`."""
    name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", None)
    return name == "settings"


def _package(path: PurePosixPath, node: ast.ImportFrom) -> str:
    folders = path.parts[: -node.level] if node.level else ()
    return ".".join([*folders, *([node.module] if node.module else [])])
