"""Find the places of a project that use what is about to go: modules, packages and settings."""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from paxx import edits

_SKIPPED = {"node_modules", "venv", "__pycache__", "site-packages"}


class Use(NamedTuple):
    """A line of a file that uses a name; of what may not be read, line 0 without a name."""

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
    (`settings.redis_url`). Looks at the Python files below `root`, apart from the paths in
    `ignored`, hidden directories and environments; content that is `planned` for a path counts in
    place of what is on disk.
    """
    if not names:
        return
    read = edits.function("python.references")
    last_names = "|".join(re.escape(name.rpartition(".")[2]) for name in sorted(names))
    hint = re.compile(rf"\b(?:{last_names})\b".encode())
    denied: list[Path] = []
    for path in sorted(_python_files(root, denied)):
        relative = path.relative_to(root).as_posix()
        content = planned[relative] if relative in planned else _content(path, denied)
        source = b"" if relative in ignored else content or b""
        if hint.search(source):  # parsing every file of a big project takes long
            found = {
                (line, name)
                for line, name in read(source.decode("utf-8-sig", "replace"), relative)
                if name in names
            }
            yield from (Use(relative, line, name) for line, name in sorted(found))
    yield from (Use(path.relative_to(root).as_posix(), 0, "") for path in sorted(denied))


def _content(path: Path, denied: list[Path]) -> bytes:
    try:
        return path.read_bytes() if path.is_file() else b""
    except PermissionError:
        denied.append(path)
    except OSError:  # removed since, for one
        pass
    return b""


def _python_files(root: Path, denied: list[Path]) -> Iterator[Path]:
    """Yield the files; directories that may not be read are added to `denied`."""

    def note(error: OSError) -> None:
        if isinstance(error, PermissionError):
            denied.append(Path(error.filename))

    for folder, subfolders, files in os.walk(root, onerror=note):
        subfolders[:] = [
            each
            for each in subfolders
            if not each.startswith(".")
            and each not in _SKIPPED
            and not os.path.exists(os.path.join(folder, each, "pyvenv.cfg"))  # noqa: PTH110, PTH118 - False where it may not be read
        ]
        yield from (Path(folder) / name for name in files if name.endswith(".py"))
