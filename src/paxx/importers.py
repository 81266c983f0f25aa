"""Find the files of a project that import modules which are about to go."""

import ast
import os
import re
import warnings
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

_SKIPPED = {"node_modules", "venv", "__pycache__", "site-packages"}


def of(
    root: Path, modules: Collection[str], ignored: Collection[str]
) -> Iterator[tuple[str, int, str]]:
    """Yield path, line and module of each import of one of the modules, sorted by path.

    Looks at the Python files below `root` that parse, apart from the paths in `ignored`,
    hidden directories and environments.
    """
    if not modules:
        return
    last_names = "|".join(re.escape(module.rpartition(".")[2]) for module in sorted(modules))
    hint = re.compile(rf"\b(?:{last_names})\b".encode())
    for path in sorted(_python_files(root)):
        relative = path.relative_to(root).as_posix()
        source = b"" if relative in ignored else path.read_bytes()
        if hint.search(source):  # parsing every file of a big project takes long
            found = _imports(PurePosixPath(relative), source)
            yield from ((relative, line, name) for line, name in found if name in modules)


def _python_files(root: Path) -> Iterator[Path]:
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = [
            each
            for each in subfolders
            if not each.startswith(".")
            and each not in _SKIPPED
            and not (Path(folder) / each / "pyvenv.cfg").exists()
        ]
        yield from (Path(folder) / name for name in files if name.endswith(".py"))


def _imports(path: PurePosixPath, source: bytes) -> Iterator[tuple[int, str]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = _package(path, node)
            yield node.lineno, package
            yield from ((node.lineno, f"{package}.{alias.name}") for alias in node.names)


def _package(path: PurePosixPath, node: ast.ImportFrom) -> str:
    folders = path.parts[: -node.level] if node.level else ()
    return ".".join([*folders, *([node.module] if node.module else [])])
