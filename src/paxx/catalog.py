"""Find the components that paxx ships, and put them in the order in which they are added."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from paxx import manifest
from paxx.errors import PaxxError, UsageError
from paxx.manifest import Manifest

FOLDER = Path(__file__).parent / "components"
FEATURES = Path(__file__).parent / "features"
"""Components of features: what the created ones share."""

MANIFEST = "component.toml"
FRAGMENT = "compose.yaml"

_CACHES = {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"}


@dataclass(frozen=True, slots=True)
class Component:
    """A folder of data: what to edit, and the files to copy.

    `fragment` holds the Compose services and volumes that it brings, or nothing. A component that
    is made when it is wanted has its files in `generated`, by their paths in the folder.
    """

    folder: Path
    manifest: Manifest
    fragment: str = ""
    generated: Mapping[str, bytes] | None = None

    @property
    def name(self) -> str:
        """Return the name, which is also the name of the folder."""
        return self.manifest.name

    @property
    def source(self) -> bytes:
        """Return the manifest as it is written."""
        if self.generated is not None:
            return self.generated[MANIFEST]
        return (self.folder / MANIFEST).read_bytes()

    def payload(self) -> Iterator[tuple[str, bytes]]:
        """Yield each file to write as its path in the project and its content, sorted by path.

        The path keeps the `.jinja` suffix of a file that has to be rendered.
        """
        if self.generated is None:
            for path, source in files_below(self.folder / "files"):
                yield path, source.read_bytes()
            return
        for path, content in sorted(self.generated.items()):
            if path.startswith("files/"):
                yield path.removeprefix("files/"), content


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files of a folder of data as relative path and source, sorted by path."""
    for source in sorted(folder.rglob("*")):
        if source.is_file() and not _CACHES & set(source.parts):
            yield source.relative_to(folder).as_posix(), source


def names(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of all components, sorted."""
    folder = folder or FOLDER
    return tuple(sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}")))


def load(name: str, folder: Path | None = None) -> Component:
    """Return one component.

    Raises UsageError for a name that is not in the catalog, suggesting the nearest one.
    """
    folder = folder or FOLDER
    if name not in names(folder):
        raise unknown(name, names(folder), "component", "known components")
    path = folder / name / MANIFEST
    parsed = manifest.parse(path.read_text(encoding="utf-8"), path.as_posix())
    if parsed.name != name:
        raise PaxxError(f"name is `{parsed.name}`, the folder `{name}`", path=path.as_posix())
    fragment = path.with_name(FRAGMENT)
    return Component(
        path.parent, parsed, fragment.read_text(encoding="utf-8") if fragment.exists() else ""
    )


def load_all(folder: Path | None = None) -> tuple[Component, ...]:
    """Return every component, sorted by name."""
    return tuple(load(name, folder) for name in names(folder))


def shipped() -> tuple[Component, ...]:
    """Return every component, those that only features bring included."""
    return load_all() + load_all(FEATURES)


def in_order(components: Iterable[Component]) -> tuple[Component, ...]:
    """Return the components sorted by name, without repetitions.

    Nothing depends on the order in which components are added: each edit has one right place,
    which is why the same set always gives the same project.
    """
    unique = {component.name: component for component in components}
    return tuple(unique[name] for name in sorted(unique))


def missing_requirements(
    requested: Iterable[Component], present: Iterable[str], folder: Path | None = None
) -> tuple[Component, ...]:
    """Return what the requested components need and neither have nor bring, sorted by name."""
    known = {component.name for component in requested} | set(present)
    missing: dict[str, Component] = {}
    waiting = [name for component in requested for name in component.manifest.requires]
    while waiting:
        name = waiting.pop()
        if name not in known:
            known.add(name)
            missing[name] = load(name, folder)
            waiting.extend(missing[name].manifest.requires)
    return in_order(missing.values())


def check_conflicts(requested: Iterable[Component], present: Iterable[str]) -> None:
    """Raise UsageError when two components that exclude each other would meet."""
    requested = tuple(requested)
    together = {component.name for component in requested} | set(present)
    for component in requested:
        for other in component.manifest.conflicts:
            if other in together:
                raise UsageError(f"`{component.name}` cannot be combined with `{other}`")


def unknown(name: str, known: tuple[str, ...], kind: str, heading: str) -> UsageError:
    """Return the error for a name that nothing of a kind has; it suggests one, or lists all."""
    near = difflib.get_close_matches(name.lower(), known, n=1)
    listed = ", ".join(f"`{each}`" for each in known)
    hint = f"did you mean `{near[0]}`?" if near else f"{heading}: {listed}"
    return UsageError(f"no {kind} is called `{name}`", hint=hint)


def changes_since(component: Component, version: str) -> dict[str, str]:
    """Return what is new in the versions after one, the newest first."""
    entries = component.manifest.changelog.items()
    return {each: text for each, text in entries if is_newer(each, version)}


def is_newer(version: str, other: str) -> bool:
    """Return whether a version comes after another one; `1.0` and `1.0.0` are two."""
    return [int(part) for part in version.split(".")] > [int(part) for part in other.split(".")]
