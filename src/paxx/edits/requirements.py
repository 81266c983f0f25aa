"""Compare requirements in the form of PEP 508 with the ones a project has."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paxx.errors import FileSyntaxError

if TYPE_CHECKING:
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?")


@dataclass(frozen=True, slots=True)
class Kept:
    """The requirement of the user stays as it is; `note` says what to know about it."""

    note: str | None = None


@dataclass(frozen=True, slots=True)
class Extended:
    """The requirement at `index` becomes `text`: the extras that were missing are in it."""

    index: int
    text: str


@dataclass(frozen=True, slots=True)
class Conflicting:
    """No version meets both the requirement of the user and ours."""

    theirs: str


Verdict = Kept | Extended | Conflicting


def normalised_name(requirement: str) -> str:
    """Return the name of the package in the form in which names are compared."""
    found = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", found[1]).lower() if found else ""


def is_same(theirs: str, ours: str) -> bool:
    """Tell whether two requirements say the same, however they are written."""
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 - slow

    try:
        return Requirement(theirs) == Requirement(ours)
    except InvalidRequirement:
        return False


def excludes(constraint: str, name: str, version: str) -> bool:
    """Tell whether a constraint is one for this package and rules this version out."""
    from packaging.requirements import Requirement  # noqa: PLC0415 - slow
    from packaging.version import Version  # noqa: PLC0415 - slow

    if normalised_name(constraint) != normalised_name(name):
        return False
    try:
        return Version(version) not in Requirement(constraint).specifier
    except ValueError:  # of a package that is not from an index
        return False


def compare(ours: str, theirs: Iterable[tuple[int, str]]) -> Verdict:
    """Judge the requirements that a project has for the package of `ours`, with their indexes.

    The requirement that holds everywhere counts; where there is none, all of them are kept.
    Raises FileSyntaxError where `ours` is no requirement, as in a damaged copy of a component.
    """
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 - slow

    try:
        wanted = Requirement(ours)
    except InvalidRequirement as error:
        raise FileSyntaxError(f"`{ours}` is not a requirement") from error
    theirs = list(theirs)
    for index, text in theirs:
        try:
            found = Requirement(text)
        except InvalidRequirement:
            continue
        if found.marker is None or str(found.marker) == str(wanted.marker):
            return _verdict(wanted, found, index, text)
    listed = ", ".join(f"`{text}`" for _, text in theirs)
    return Kept(f"{listed} is kept, which does not say the same as `{ours}`")


def _verdict(wanted: "Requirement", found: "Requirement", index: int, text: str) -> Verdict:
    if found.url is not None:
        return Kept(f"`{text}` is kept; `{wanted}` is what is needed")
    common, beyond = _overlap(wanted.specifier, found.specifier)
    if not common:
        return Conflicting(text)
    present = {normalised_name(extra) for extra in found.extras}
    missing = sorted(extra for extra in wanted.extras if normalised_name(extra) not in present)
    if missing:
        return Extended(index, _with_extras(text, missing))
    if beyond and found.specifier:
        return Kept(f"`{text}` is kept; `{wanted}` is what is needed")
    return Kept()


def _overlap(ours: "SpecifierSet", theirs: "SpecifierSet") -> tuple[bool, bool]:
    """Tell whether a version meets both, and whether one meets theirs but not ours."""
    versions = list(_candidates(ours, theirs))
    common = any(_meets(each, ours) and _meets(each, theirs) for each in versions)
    return common, any(_meets(each, theirs) and not _meets(each, ours) for each in versions)


def _meets(version: str, specifier: "SpecifierSet") -> bool:
    return specifier.contains(version, prereleases=True)


def _candidates(*specifiers: "SpecifierSet") -> Iterator[str]:
    """Yield versions at and right behind each bound: a range that is not empty holds one."""
    yield "0"
    for specifier in (each for group in specifiers for each in group):
        if specifier.operator != "===":  # takes anything, also what is no version
            yield specifier.version.removesuffix(".*")
        release = re.match(r"(?:\d+!)?\d+(?:\.\d+)*", specifier.version)
        if release:
            yield f"{release[0]}.0.0.1"


def _with_extras(text: str, extras: list[str]) -> str:
    found = _NAME.match(text)
    if found is None:  # pragma: no cover - the text was parsed before
        raise AssertionError(text)
    if found[2] is None:
        return f"{text[: found.end(1)]}[{','.join(extras)}]{text[found.end(1) :]}"
    listed = ",".join([*([found[2]] if found[2].strip() else []), *extras])
    return f"{text[: found.start(2)]}{listed}{text[found.end(2) :]}"
