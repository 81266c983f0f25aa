"""The demonstration, whole: the README's first command."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.real import PATIENCE

REPOSITORY = Path(__file__).parents[2]

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the project that the demonstration made, and what it printed on the way."""
    directory = tmp_path_factory.mktemp("demo") / "demo-shop"
    done = run(directory, "--exit")
    assert done.returncode == 0, done.stdout + done.stderr
    return directory, done.stdout


def run(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "demo", "--directory", str(directory), *words],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_tour_shows_truthful_readiness(demonstration: tuple[Path, str]) -> None:
    shown = re.findall(r'GET (/health|/ready)  (\d+) .*"status":"(\w+)"', demonstration[1])
    assert shown == [
        ("/health", "200", "ok"),
        ("/ready", "200", "ready"),
        ("/ready", "200", "degraded"),
        ("/ready", "200", "ready"),
    ]


def test_the_catalogue_is_asked_once_for_two_calls(demonstration: tuple[Path, str]) -> None:
    calls = re.findall(r"GET /prices/teapot  200  (\d+) ms  (.+)", demonstration[1])
    assert int(calls[0][0]) >= 500
    assert [json.loads(body)["catalogue_asked"] for _, body in calls] == [1, 1]


def test_metrics_and_spans_tell_of_the_calls(demonstration: tuple[Path, str]) -> None:
    assert (
        'http_requests_total{method="GET",path="/prices/{thing}",status="200"} 2'
        in (demonstration[1])
    )
    assert re.search(r" ms  ask the catalogue$", demonstration[1], re.MULTILINE)


def test_a_second_run_uses_the_project_until_ctrl_c(demonstration: tuple[Path, str]) -> None:
    directory, _ = demonstration
    command = [sys.executable, "-u", "-m", "demo", "--directory", str(directory)]
    with subprocess.Popen(
        command,
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as running:
        assert running.stdout is not None
        url, printed = "", ""
        for line in running.stdout:
            printed += line
            if opened := re.search(r"open +(http://\S+)/docs", line):
                url = opened[1]
            if "until Ctrl-C" in line:
                break
        assert f"{directory} is there from an earlier demonstration" in printed
        with urllib.request.urlopen(f"{url}/docs", timeout=PATIENCE) as answer:
            assert answer.status == 200
        running.send_signal(signal.SIGINT)
        assert running.wait(PATIENCE) == 0
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{url}/health", timeout=PATIENCE)
