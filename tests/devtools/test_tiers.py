"""Which tests each tier runs, in a test run of its own."""

import os
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from devtools import tiers

REPOSITORY = Path(__file__).parent.parent.parent
CONFIGURATION = """[pytest]
markers =
  integration
  e2e
  slow
  nightly
addopts = -m "not nightly"
"""
SUITE = """
import pytest

def test_fast(): ...
@pytest.mark.integration
def test_integration(): ...
@pytest.mark.slow
def test_slow(): ...
@pytest.mark.e2e
def test_e2e(): ...
@pytest.mark.e2e
@pytest.mark.nightly
def test_nightly(): ...
"""
ALL = {"fast", "integration", "slow", "e2e", "nightly"}


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "test_suite.py").write_text(SUITE)
    (tmp_path / "pytest.ini").write_text(CONFIGURATION)
    return tmp_path


def selected(suite: Path, arguments: list[str]) -> set[str]:
    """Return the tests that a run selects; what concerns speed alone is left out."""
    marks = arguments[arguments.index("-m") :][:2] if "-m" in arguments else []
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *marks],
        cwd=suite,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return {name for name in ALL if f"test_{name}\n" in done.stdout}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "name", "expected"),
    [
        (["--quick"], "quick", [{"fast"}]),
        ([], "change", [{"fast", "integration"}, {"slow", "e2e"}]),
        (["--nightly"], "nightly", [ALL]),
        (["-x"], "", [ALL - {"nightly"}]),
    ],
)
def test_a_tier_runs_its_tests(
    suite: Path, words: list[str], name: str, expected: list[set[str]]
) -> None:
    tier, runs = tiers.runs(words)
    assert tier == name
    assert [selected(suite, arguments) for arguments in runs] == expected


def test_coverage_is_measured_where_a_change_is_tested() -> None:
    assert [("--cov" in arguments) for arguments in tiers.runs([])[1]] == [True, False]


def test_no_folder_of_tests_is_left_out() -> None:
    pyproject = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    left_out = pyproject["tool"]["pytest"]["ini_options"]["norecursedirs"]
    files = (REPOSITORY / "tests").rglob("test_*.py")
    folders = {path.parent.relative_to(REPOSITORY) for path in files}
    names = {name for folder in folders for name in folder.parts if "fixtures" not in folder.parts}
    assert "components" in names
    assert [name for name in names if any(fnmatch(name, each) for each in left_out)] == []


def test_more_words_are_passed_on_to_pytest() -> None:
    _, [arguments] = tiers.runs(["--quick", "tests/cli"])
    assert arguments[-1] == "tests/cli"
    assert "--quick" not in arguments
