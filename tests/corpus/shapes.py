"""The projects of the corpus: what is special about each, and what is expected of a command.

A folder below `projects/` holds a project and `shape.toml`, which says in `shape` what is special.
`[[manual]]` and `[[kept]]` list the steps that end so, by `kind`, `path` and `key` (patterns) and
part of the reason; `[[refused]]` the components that cannot be added, with exit code and message.
Whatever is not listed has to be done, apart from what all projects without a PostgreSQL or without
a service for the application have in common: `postgres` and `app` say whether there is one.
"""

import shutil
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from paxx import catalog

FOLDER = Path(__file__).parent / "projects"
Step = dict[str, str]
"""A step of a report, as `--json` prints it."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Steps that end in the same way; `reason` is part of what is said about each."""

    kind: str = "*"
    path: str = "*"
    key: str = "*"
    reason: str = ""

    def covers(self, step: Step) -> bool:
        """Tell whether the step is one of these."""
        patterns = (self.kind, self.path, self.key.replace("[", "[[]"))
        found = (step["kind"], step["path"], step["key"])
        return all(map(fnmatchcase, found, patterns)) and self.reason in step["note"]


@dataclass(frozen=True, slots=True)
class Refused:
    """Components (none: all of them) that are refused with this exit code."""

    code: int
    message: str
    components: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """A project of the corpus; `directory` is where the commands are run.

    `syntax` is the version of Python that its files need.
    """

    name: str
    sentence: str
    directory: str
    syntax: tuple[int, ...]
    manual: tuple[Expected, ...]
    kept: tuple[Expected, ...]
    refused: tuple[Refused, ...]
    warnings: tuple[str, ...]

    def refusal(self, names: tuple[str, ...]) -> Refused | None:
        """Return why adding these components is refused, None where it is not."""
        found = (
            each for each in self.refused if not each.components or {*each.components} & {*names}
        )
        return next(found, None)

    def copy_to(self, folder: Path) -> Path:
        """Copy the project into a folder, and return the root of the copy."""
        target = folder / self.name
        ignored = shutil.ignore_patterns("shape.toml", "__pycache__")
        shutil.copytree(FOLDER / self.name, target, symlinks=True, ignore=ignored)
        return target / self.directory


NO_IMAGE = Expected("image", reason="no ")
NO_WORKER = Expected("service", key="worker", reason="there is no service `app` to extend")


def _load(folder: Path) -> Shape:
    data: dict[str, Any] = tomllib.loads((folder / "shape.toml").read_text(encoding="utf-8"))
    return Shape(
        name=folder.name,
        sentence=data.pop("shape"),
        directory=data.pop("directory", "."),
        syntax=tuple(int(part) for part in data.pop("syntax", "3.11").split(".")),
        manual=tuple(Expected(**each) for each in data.pop("manual", ()))
        + (() if data.pop("postgres", False) else (NO_IMAGE,))
        + (() if data.pop("app", True) else (NO_WORKER,)),
        kept=tuple(Expected(**each) for each in data.pop("kept", ())),
        refused=tuple(
            Refused(each["code"], each["message"], tuple(each.get("components", ())))
            for each in data.pop("refused", ())
        ),
        warnings=tuple(data.pop("warnings", ())),
    )


SHAPES = tuple(_load(folder) for folder in sorted(FOLDER.iterdir()))
SELECTIONS = (*((name,) for name in catalog.names()), catalog.names())
"""Each component alone, and all of them at once."""


class Case(NamedTuple):
    """A project, and components to add to it."""

    shape: Shape
    names: tuple[str, ...]


CASES = [Case(shape, names) for shape in SHAPES for names in SELECTIONS]


def identify(value: Shape | Case) -> str:
    """Return what the id of a test calls a project, or a project with components."""
    if isinstance(value, Shape):
        return value.name
    names = "all" if value.names == catalog.names() else ",".join(value.names)
    return f"{value.shape.name}-{names}"
