"""The count of examples, in a test run of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PYTEST = [sys.executable, "-m", "pytest"]
pytestmark = pytest.mark.slow
SUITE = """
from hypothesis import assume, given
from hypothesis import strategies as st

@given(st.integers())
def test_holds(number):
    assume(number % 2)
    assert number != 0

@given(st.integers())
def test_fails(number):
    assert number < 0

def test_without_examples(): ...
"""


@pytest.mark.parametrize(("profile", "examples"), [("quick", 10), ("nightly", 1000)])
def test_summary_has_the_number_of_examples(profile: str, examples: int, tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    printed = run_pytest(tmp_path, profile)
    assert f"test_holds: {examples} examples\n" in printed
    assert printed.count("examples\n") == 1
    assert "1 failed, 2 passed" in printed


def run_pytest(folder: Path, profile: str) -> str:
    plugins = ["-p", "tests.plugins.figures", "-p", "tests.plugins.properties"]
    done = subprocess.run(
        [*PYTEST, *plugins, "-c", os.devnull, "--hypothesis-profile", profile, folder],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout
