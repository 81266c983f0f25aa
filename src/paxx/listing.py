"""List the components, and what the project around a directory has of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from paxx import catalog, project, record, recovery
from paxx.errors import PaxxError, UnsupportedProject
from paxx.project import Reader


@dataclass(frozen=True, slots=True)
class Entry:
    """A component; `state` is `available`, `installed` or `modified`.

    `available` is the version of this paxx where it is newer than the installed one, and
    `changelog` what is new since, the newest first.
    """

    name: str
    summary: str
    state: str
    version: str
    requires: tuple[str, ...]
    available: str | None
    changelog: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Listing:
    """Every component, and what keeps commands from changing the project."""

    entries: tuple[Entry, ...]
    hindrances: tuple[PaxxError, ...] = ()


def components(directory: Path) -> Listing:
    """Return every component; outside a project all of them are available."""
    try:
        target = project.load(directory)
    except UnsupportedProject:
        return Listing(tuple(_entries(_nothing)))
    return Listing(tuple(_entries(target.read)), tuple(recovery.hindrances(target)))


def _entries(read: Reader) -> Iterator[Entry]:
    for component in catalog.load_all():
        known = record.load(read, component.name)
        manifest = component.manifest
        version = manifest.version if known is None else known.version
        yield Entry(
            name=component.name,
            summary=manifest.summary,
            state="available" if known is None else record.state_of(known, read),
            version=version,
            requires=manifest.requires,
            available=manifest.version if catalog.is_newer(manifest.version, version) else None,
            changelog=catalog.changes_since(component, version),
        )


def _nothing(_: str) -> None:
    return None
