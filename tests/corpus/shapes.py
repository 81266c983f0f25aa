"""Projects of other shapes, and the result that is expected of a command in each.

`projects/NAME.txt` begins with TOML. `shape` says what is special. `[[manual]]` and `[[kept]]` list
the steps with that status, by `kind`, `path` and `key` (patterns) and part of the reason;
`[[refused]]` lists the components that are refused, with exit code and message. All other steps
have to be applied, except those that no project without PostgreSQL or without a service for the
application can have: `postgres` and `app` say whether there is one.

The files are those of `base.txt`, unless they are `deleted`, in `links` (path to target) or follow
below a line `=== path`. `base` has the values of the placeholders. The blank line before `===` is
no part of a file, and `=== path (FORM)` writes it in one of the `FORMS`.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

from paxx import catalog

FOLDER = Path(__file__).parent
FORMS: dict[str | None, Callable[[str], bytes]] = {
    None: str.encode,
    "BOM": lambda text: text.encode("utf-8-sig"),
    "BOM, CRLF": lambda text: text.replace("\n", "\r\n").encode("utf-8-sig"),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "Latin-1": lambda text: text.encode("latin-1"),
    "no final newline": lambda text: text.removesuffix("\n").encode(),
}
_MARKER = re.compile(r"(?:(?<=\n)\n)?^=== (.+?)(?: \((.+)\))?\n", re.MULTILINE)

Step = dict[str, str]
"""A step of a report, as `--json` prints it."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Steps that have the same status; `reason` is part of the note of each."""

    kind: str = "*"
    path: str = "*"
    key: str = "*"
    reason: str = ""

    def covers(self, step: Step) -> bool:
        """Return whether the step is one of these."""
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
    files: Mapping[str, bytes]
    links: Mapping[str, str]

    def refusal(self, names: tuple[str, ...]) -> Refused | None:
        """Return why adding these components is refused, None where it is not."""
        found = (
            each for each in self.refused if not each.components or {*each.components} & {*names}
        )
        return next(found, None)

    def write_to(self, folder: Path) -> Path:
        """Write the project into a folder and return where the commands are run."""
        target = folder / self.name
        for path, content in self.files.items():
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_bytes(content)
        for path, destination in self.links.items():
            (target / path).symlink_to(destination)
        return target / self.directory


NO_IMAGE = Expected("image", reason="no ")
NO_WORKER = Expected("service", key="worker", reason="there is no service `app` to extend")


def _sections(path: Path) -> tuple[str, dict[str, bytes]]:
    """Return what precedes the files, and the files."""
    head, *rest = _MARKER.split(path.read_text(encoding="utf-8"))
    sections = zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    return head, {path: FORMS[form](text) for path, form, text in sections}


_, BASE = _sections(FOLDER / "base.txt")


def _of_base(paths: set[str], values: Mapping[str, str]) -> dict[str, bytes]:
    """Return files of the base with their placeholders filled in; every value has to be used."""
    templates = {path: Template(BASE[path].decode()) for path in paths}
    wanted = {name for each in templates.values() for name in each.get_identifiers()}
    assert values.keys() == wanted, f"`base` needs {sorted(wanted)} and has {sorted(values)}"
    return {path: each.substitute(values).encode() for path, each in templates.items()}


def _load(path: Path) -> Shape:
    head, files = _sections(path)
    data: dict[str, Any] = tomllib.loads(head)
    links: dict[str, str] = data.pop("links", {})
    replaced = {*files, *links, *data.pop("deleted", ())}
    shape = Shape(
        name=path.stem,
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
        files=_of_base(BASE.keys() - replaced, data.pop("base", {})) | files,
        links=links,
    )
    assert not data, f"{path.name}: unknown keys: {', '.join(data)}"
    return shape


SHAPES = tuple(_load(path) for path in sorted((FOLDER / "projects").iterdir()))
SELECTIONS = (*((name,) for name in catalog.names()), catalog.names())
"""Each component alone, and all of them at once."""


class Case(NamedTuple):
    """A project, and components to add to it."""

    shape: Shape
    names: tuple[str, ...]


CASES = [Case(shape, names) for shape in SHAPES for names in SELECTIONS]

# Added alone, a component differs from all at once only in the edits of one kind of file. A few
# shapes for each kind show that: settings, Compose, wiring, pyproject.toml, line endings. The last
# two refuse some components and therefore all at once, but not the others.
IN_DEPTH = {
    "busy-settings-class",
    "env-prefix",
    "settings-package",
    "compose-flow-style",
    "compose-long-forms",
    "compose-shared-environment",
    "wiring-added-to",
    "wiring-aliases",
    "setuptools-dynamic",
    "toml-odd-keys",
    "windows-line-endings",
    "own-cache-module",
    "redis-pinned-above",
}


def is_default(value: Shape | Case) -> bool:
    """Return whether a case runs by default: all components at once do in every shape."""
    if isinstance(value, Shape):
        return value.name in IN_DEPTH
    return value.names == catalog.names() or is_default(value.shape)


def identify(value: Shape | Case) -> str:
    """Return what the id of a test calls a project, or a project with components."""
    if isinstance(value, Shape):
        return value.name
    names = "all" if value.names == catalog.names() else ",".join(value.names)
    return f"{value.shape.name}-{names}"
