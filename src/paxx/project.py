"""Load a project: find its root from any directory below it, and read what edits need."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from paxx import confinement, documents
from paxx.errors import FileSyntaxError, PaxxError, PreconditionError, UnsupportedProject

COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""In the order in which Docker Compose looks for them."""

_OVERRIDES = tuple(
    f"{name}.override.{ending}"
    for name in ("compose", "docker-compose")
    for ending in ("yml", "yaml")
)

RECORDS = ".paxx/components"
"""Where the records of installed components lie."""

Reader = Callable[[str], bytes | None]


@dataclass(frozen=True, slots=True)
class Project:
    """A project on disk, or one that a bootstrap is about to write.

    `read` gives the bytes of a file by its relative path, None where there is no file.
    """

    root: Path
    name: str
    read: Reader

    @property
    def slug(self) -> str:
        """Return the name as a lower-case identifier."""
        return re.sub(r"[^a-z0-9]+", "_", self.name.lower()).strip("_")

    @property
    def context(self) -> dict[str, dict[str, str]]:
        """Return what templates of components may use."""
        return {"project": {"name": self.name, "slug": self.slug}}

    def compose_file(self) -> str:
        """Return the Compose file that Docker would take, or the one to create."""
        found = (name for name in COMPOSE_FILES if self.read(name) is not None)
        return next(found, "docker-compose.yml")

    def compose_override(self) -> str | None:
        """Return the file that Docker Compose merges into the Compose file."""
        return next((name for name in _OVERRIDES if self.read(name) is not None), None)

    def settings_files(self) -> tuple[str, ...]:
        """Return the files that may hold the Settings class: what `import settings` finds."""
        is_package = self.read("settings/__init__.py") is not None
        if not is_package and self.read("settings.py") is not None:
            return ("settings.py",)
        modules = sorted((self.root / "settings").glob("*.py"))
        return tuple(f"settings/{module.name}" for module in modules)


def load(directory: Path) -> Project:
    """Return the project that holds `directory`.

    Raises UnsupportedProject where no directory upwards is one, or where its layout is one
    that paxx does not edit; FileSyntaxError where its `pyproject.toml` does not parse.
    """
    root = root_of(directory)
    reader = reader_of(root)
    return Project(root, _name(reader("pyproject.toml") or b""), reader)


def reader_of(root: Path) -> Reader:
    """Return a function that reads files below `root`."""

    def read(path: str) -> bytes | None:
        target = root / path
        try:
            return target.read_bytes() if target.is_file() else None
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise PreconditionError(f"cannot be read: {reason}", path=path) from error

    return read


def is_writable(path: Path) -> bool:
    """Tell whether the file or directory may be written, also when asked by the superuser."""
    return os.access(path, os.W_OK) and bool(path.stat().st_mode & 0o222)


def root_of(directory: Path) -> Path:
    """Return the root of the project that holds `directory`.

    Raises UnsupportedProject where there is none, PreconditionError where links in `.paxx` could
    lead out of it.
    """
    directory = directory.resolve()
    for candidate in (directory, *directory.parents):
        if (candidate / "pyproject.toml").is_file() and (candidate / "wiring.py").is_file():
            confinement.check_state(candidate)
            return candidate
    raise UnsupportedProject(
        f"`{directory}` is not in a project that paxx knows: no directory from here upwards"
        " holds both `pyproject.toml` and `wiring.py`",
        hint="change into a project, or make one with `paxx bootstrap NAME`",
    )


def _name(pyproject: bytes) -> str:
    try:
        data = documents.parse_toml(pyproject.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FileSyntaxError("not UTF-8", path="pyproject.toml") from error
    except PaxxError as error:
        raise error.in_file("pyproject.toml") from error
    table = data.get("project")
    if isinstance(table, dict) and isinstance(table.get("name"), str):
        return str(table["name"])
    tool = data.get("tool")
    if isinstance(tool, dict) and "poetry" in tool:
        raise UnsupportedProject(
            "dependencies are kept in `[tool.poetry]`, which is not the standard `[project]` table",
            path="pyproject.toml",
            hint="move them to `[project]`, which Poetry reads since version 2, then try again",
        )
    raise UnsupportedProject("there is no `[project]` table with a name", path="pyproject.toml")


def entries(folder: Path) -> list[str]:
    """Return the names in a folder, sorted; raises PermissionError, which `Path.glob` hides."""
    try:
        return sorted(path.name for path in Path(folder).iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def installed(project: Project) -> tuple[str, ...]:
    """Return the names of the components that paxx added to the project, sorted."""
    records = (project.root / RECORDS / name for name in entries(project.root / RECORDS))
    names = (path.stem for path in records if path.suffix == ".json" and path.is_file())
    return tuple(sorted(name for name in names if re.fullmatch(confinement.NAME, name)))
