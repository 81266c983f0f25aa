"""The plugins, each in a test run of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PROPERTIES = """
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


@pytest.mark.slow
@pytest.mark.parametrize(("profile", "examples"), [("quick", 10), ("nightly", 1000)])
def test_summary_has_the_number_of_examples(profile: str, examples: int, tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(PROPERTIES)
    printed = run_pytest(
        tmp_path,
        "-p",
        "tests.plugins.figures",
        "-p",
        "tests.plugins.properties",
        "--hypothesis-profile",
        profile,
    )
    assert f"test_holds: {examples} examples\n" in printed
    assert printed.count("examples\n") == 1
    assert "1 failed, 2 passed" in printed


SKIPS = """
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ci", "summary"),
    [("true", "1 failed, 1 passed, 1 xfailed, 1 error"), ("", "1 passed, 2 skipped, 1 xfailed")],
)
def test_a_skip_fails_the_run_on_ci_alone(ci: str, summary: str, tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SKIPS)
    assert summary in run_pytest(tmp_path, "-p", "tests.plugins.no_skips", ci=ci)


@pytest.mark.slow
def test_a_skipped_module_fails_the_run_too(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(
        "import pytest\npytest.importorskip('no_such_module')\n"
    )
    printed = run_pytest(tmp_path, "-p", "tests.plugins.no_skips", ci="true")
    assert "a test may not be skipped on CI" in printed
    assert "1 error" in printed


def run_pytest(folder: Path, *options: str, ci: str = "") -> str:
    """Run the suite in a folder and return what is printed."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-c", os.devnull, folder],
        cwd=REPOSITORY,
        env=os.environ | {"CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


SIGNALS = """
import os, signal, subprocess

def test_outlives_the_signal():
    os.kill(os.getpid(), signal.{name})
    child = subprocess.run(["sh", "-c", "kill -{number} $$"])
    assert child.returncode == -{number}
"""


@pytest.mark.integration
@pytest.mark.parametrize("name", ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP"])
def test_children_do_not_inherit_an_ignored_signal(tmp_path: Path, name: str) -> None:
    number = int(signal.Signals[name])
    (tmp_path / "test_suite.py").write_text(SIGNALS.format(name=name, number=number))
    run = f"{sys.executable} -m pytest -p tests.plugins.signals -c {os.devnull} {tmp_path}"
    done = subprocess.run(
        ["sh", "-c", f"trap '' {number}; exec {run}"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout
