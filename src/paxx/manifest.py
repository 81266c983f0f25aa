"""Read a `component.toml` strictly: an unknown key is an error with a suggestion."""

import difflib
import keyword
import re
from typing import Annotated, Literal

import msgspec

from paxx import confinement, documents
from paxx.errors import FileSyntaxError, PaxxError

Version = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})+\Z")]
"""A version of a component: numbers with dots between them."""

Name = Annotated[str, msgspec.Meta(pattern=rf"^{confinement.NAME}\Z")]
"""The name of a component: also of files and folders in `.paxx`."""

Identifier = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\Z")]
"""The name of a setting or a variable: it also ends up in commands that the user is shown."""

_FIELD = re.compile(r"\{(\w+)\}")


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the manifest."""


class Dependencies(_Strict, frozen=True):
    """Requirements in the form of PEP 508, added to `pyproject.toml`.

    `constraints` are not added: they say which releases of other packages the requirements allow,
    so that a project that demands others is told before anything is written.
    """

    runtime: tuple[str, ...] = ()
    dev: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()


class Setting(_Strict, frozen=True):
    """A setting: a field of the Settings class and a line of `.env.example`.

    `default` is a template when it is a string; `type` is the annotation in Python. A `server` is
    the address of one, which `paxx doctor` names where it does not answer.
    """

    name: Identifier
    type: str
    default: str | int | float | bool
    help: str
    secret: bool = False
    server: bool = False

    def __post_init__(self) -> None:
        if keyword.iskeyword(self.name):
            raise ValueError(f"`{self.name}` is a keyword of Python")


class AppService(_Strict, frozen=True):
    """What the project's own service in the Compose file gets.

    With `when`, only in a project that has the component of that name.
    """

    environment: dict[Identifier, str] = {}
    depends_on: tuple[Name, ...] = ()
    when: str | None = None


class ImageReplacement(_Strict, frozen=True):
    """An image in the Compose file to replace: `match` is a regular expression for the whole
    image, `replace` a format string over its named groups. Several are alternatives: one image
    is replaced, by the first that matches; one that stays as it is needs no replacement.
    `help` is what to do where no image matches, and `example` an image that will do."""

    match: str
    replace: str
    help: str = ""
    example: str = ""

    def __post_init__(self) -> None:
        try:
            groups = re.compile(self.match).groupindex
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"`match` is not a regular expression: {error}") from error
        fields = set(_FIELD.findall(self.replace))
        if not fields <= groups.keys() or {"{", "}"} & set(_FIELD.sub("", self.replace)):
            raise ValueError("`replace` may name groups of `match`, and nothing else")


class Database(_Strict, frozen=True):
    """The database that a component requires, by the URL that `.env.example` gets for SQLite's.

    `purpose` is what requires it.
    """

    purpose: str
    url: str


class Compose(_Strict, frozen=True):
    """Changes to the Compose file besides the services and volumes of `compose.yaml`."""

    app: tuple[AppService, ...] = ()
    images: tuple[ImageReplacement, ...] = ()


class Wiring(_Strict, frozen=True):
    """An entry of one of the lists in `wiring.py`; TASKS are those of the worker that arq brings.

    `name` is the key where the list is a mapping; `first` puts the entry at the front, where
    lifespans start first and stop last. A check of readiness that is `live` asks the running
    application, so that nobody else can.
    """

    list: Literal["LIFESPANS", "MIDDLEWARE", "ROUTERS", "READINESS", "MIGRATIONS", "TASKS"]
    item: str
    name: str | None = None
    first: bool = False
    live: bool = False


class Line(_Strict, frozen=True):
    """A whole line of a text file such as `.gitignore`."""

    file: str
    line: str

    def __post_init__(self) -> None:
        confinement.check_owned(self.file)


class NextStep(_Strict, frozen=True):
    """What the user does after the component is added; a plain string is a step for all projects.

    `text` is a template: `tools.compose` and `tools.run` are how Docker Compose and programs of
    the project are called here. With `docker`, only on a machine that has Docker Compose, or that
    has not; with `when` and `unless`, depending on whether one of these components is installed.
    """

    text: str
    docker: bool | None = None
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class Manifest(_Strict, frozen=True):
    """A `component.toml`; `changelog` says what is new in each version, the newest first.

    `usage` is the code that comes first, two or three lines; `links` lead to the documentation of
    what the component builds on.
    """

    name: Name
    version: Version
    summary: str
    requires: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    next_steps: tuple[str | NextStep, ...] = ()
    usage: str = ""
    dependencies: Dependencies = Dependencies()
    settings: tuple[Setting, ...] = ()
    compose: Compose = Compose()
    database: Database | None = None
    wiring: tuple[Wiring, ...] = ()
    lines: tuple[Line, ...] = ()
    links: dict[str, str] = {}
    changelog: dict[Version, str] = {}


_TABLES = (
    Manifest,
    Dependencies,
    Setting,
    Database,
    Compose,
    AppService,
    ImageReplacement,
    Wiring,
    Line,
    NextStep,
)


def parse(text: str, path: str) -> Manifest:
    """Return the manifest in `text`; `path` names the file in errors.

    Raises PaxxError for a file that is not TOML, an unknown key, a missing key, a wrong type.
    """
    try:
        return msgspec.convert(documents.parse_toml(text), Manifest)
    except FileSyntaxError as error:
        raise PaxxError(error.message, path=path, line=error.line) from error
    except msgspec.ValidationError as error:
        raise PaxxError(str(error), path=path, hint=_suggestion(str(error))) from error


def _suggestion(message: str) -> str | None:
    unknown = re.search(r"unknown field `(.+?)`", message)
    if unknown is None:
        return None
    known = {name for table in _TABLES for name in table.__struct_fields__}
    near = difflib.get_close_matches(unknown[1], sorted(known), n=1)
    return f"did you mean `{near[0]}`?" if near else None
