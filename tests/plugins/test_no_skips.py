"""The plugin, in a test run of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
pytestmark = pytest.mark.slow
SUITE = """
import pytest

@pytest.mark.skip(reason="no server")
def test_marked(): ...

def test_called():
    pytest.skip("no server")

@pytest.mark.xfail(strict=True)
def test_expected_to_fail():
    assert False

def test_run(): ...
"""


@pytest.mark.parametrize(
    ("ci", "summary"),
    [("true", "1 failed, 1 passed, 1 xfailed, 1 error"), ("", "1 passed, 2 skipped, 1 xfailed")],
)
def test_a_skip_fails_the_run_on_ci_alone(ci: str, summary: str, tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    assert summary in run_pytest(tmp_path, ci)


def test_a_skipped_module_fails_the_run_too(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(
        "import pytest\npytest.importorskip('no_such_module')\n"
    )
    printed = run_pytest(tmp_path, "true")
    assert "a test may not be skipped on CI" in printed
    assert "1 error" in printed


def run_pytest(folder: Path, ci: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.plugins.no_skips", "-c", os.devnull, folder],
        cwd=REPOSITORY,
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout
