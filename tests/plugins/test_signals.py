"""The plugin, in a test run of its own that a shell starts with ignored signals."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).parents[2]
SUITE = """
import os, signal, subprocess

def test_outlives_the_signal():
    os.kill(os.getpid(), signal.{name})
    child = subprocess.run(["sh", "-c", "kill -{number} $$"])
    assert child.returncode == -{number}
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP"])
def test_children_do_not_inherit_an_ignored_signal(tmp_path: Path, name: str) -> None:
    number = int(signal.Signals[name])
    (tmp_path / "test_suite.py").write_text(SUITE.format(name=name, number=number))
    run = f"{sys.executable} -m pytest -p tests.plugins.signals -c {os.devnull} {tmp_path}"
    done = subprocess.run(
        ["sh", "-c", f"trap '' {number}; exec {run}"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout
