"""Subsets of the components: each compiles, lints, type-checks, composes and passes its tests.

A change needs a covering array: subsets in which every two components occur in all four
combinations of present and absent. The nightly run has every subset. The subsets share the
environment of a project with all components; test_projects.py shows that each component alone
names all that it needs.
"""

import re
import sys
from collections.abc import Iterable
from itertools import chain, combinations
from pathlib import Path

import pytest

from paxx import catalog, cli
from tests.e2e.conftest import NOBODY, GetShop
from tests.e2e.real import run
from tests.tiers import tiered

NAMES = catalog.names()
Subset = tuple[str, ...]
SUBSETS = list(chain.from_iterable(combinations(NAMES, size) for size in range(len(NAMES) + 1)))
STRENGTH = 2


def covering(subsets: Iterable[Subset]) -> list[Subset]:
    """Return few subsets that cover every combination of any STRENGTH components."""
    offered = {subset: combinations_of(subset) for subset in subsets}
    missing, chosen = set().union(*offered.values()), []
    while missing:
        best = max(offered, key=lambda subset: len(offered[subset] & missing))
        missing -= offered[best]
        chosen.append(best)
    return chosen


def combinations_of(subset: Subset) -> set[tuple[tuple[str, bool], ...]]:
    """Return the combinations of present and absent components that a subset shows."""
    presence = [(name, name in subset) for name in NAMES]
    return set(combinations(presence, STRENGTH))


COVERING = covering(SUBSETS)


def test_the_covering_array_shows_every_combination_of_two_components() -> None:
    shown = set().union(*map(combinations_of, COVERING))
    assert len(shown) == 2**STRENGTH * len(list(combinations(NAMES, STRENGTH)))
    assert len(COVERING) <= 8


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where mypy keeps what it knows of the packages, which all subsets share."""
    return tmp_path_factory.mktemp("mypy")


@pytest.mark.parametrize(
    "subset", tiered(SUBSETS, is_default=COVERING.__contains__, identify="+".join)
)
def test_a_subset_is_a_project_that_is_green(
    subset: Subset, get_shop: GetShop, tmp_path: Path, cache: Path
) -> None:
    tools = get_shop("all").root / ".venv" / "bin"
    root = _written(tmp_path, subset)
    python = str(tools / "python")
    run(python, "-m", "compileall", "-q", ".", cwd=root)
    run(str(tools / "ruff"), "check", "--no-cache", ".", cwd=root)
    run(str(tools / "ruff"), "format", "--no-cache", "--check", ".", cwd=root)
    run(
        str(tools / "mypy"), "--cache-dir", str(cache), "--python-executable", python, ".", cwd=root
    )
    compose = str(Path(sys.executable).with_name("docker-compose"))
    run(compose, "-f", "docker-compose.yml", "config", "--quiet", cwd=root)
    printed = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=root, env=NOBODY)
    assert re.search(r"\d+ passed", printed)


def _written(folder: Path, subset: Subset) -> Path:
    chosen = ("--with", ",".join(subset)) if subset else ()
    where = ("--output-dir", str(folder), "--no-git", "--no-sync", "--yes")
    assert cli.run(("bootstrap", "shop", *where, *chosen)) == 0
    return folder / "shop"
