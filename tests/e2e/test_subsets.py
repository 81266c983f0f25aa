"""Every subset of the components: it compiles, lints, type-checks, composes and passes its tests.

The subsets share one environment, that of a project with all components; that a component names
all that it needs shows where it stands alone, in test_projects.py.
"""

import re
import sys
from itertools import chain, combinations
from pathlib import Path

import pytest

from paxx import catalog, cli
from tests.e2e.conftest import NOBODY, GetShop
from tests.e2e.real import run

NAMES = catalog.names()
SUBSETS = list(chain.from_iterable(combinations(NAMES, size) for size in range(len(NAMES) + 1)))


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where mypy keeps what it knows of the packages, which all subsets share."""
    return tmp_path_factory.mktemp("mypy")


@pytest.mark.parametrize("subset", SUBSETS, ids="+".join)
def test_a_subset_is_a_project_that_is_green(
    subset: tuple[str, ...], get_shop: GetShop, tmp_path: Path, cache: Path
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


def _written(folder: Path, subset: tuple[str, ...]) -> Path:
    chosen = ("--with", ",".join(subset)) if subset else ()
    where = ("--output-dir", str(folder), "--no-git", "--no-sync", "--yes")
    assert cli.run(("bootstrap", "shop", *where, *chosen)) == 0
    return folder / "shop"
