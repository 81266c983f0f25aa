"""pip's settings for uv, and the task runner's command line."""

import subprocess
import sys
from pathlib import Path

import pytest

from devtools import environment

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def pip_conf(tmp_path: Path) -> Path:
    path = tmp_path / "pip.conf"
    path.write_text(
        "[global]\nindex-url = https://index.example/simple\n"
        "extra-index-url =\n    https://one.example/simple\n    https://two.example/simple\n"
        "find-links = /one\n    /two\n"
    )
    return path


def test_settings_come_from_pips_files(pip_conf: Path) -> None:
    assert environment.pip_settings({}, [str(pip_conf)]) == {
        "index-url": "https://index.example/simple",
        "extra-index-url": "https://one.example/simple https://two.example/simple",
        "find-links": "/one,/two",
    }


def test_the_file_that_the_environment_names_is_read(pip_conf: Path) -> None:
    settings = environment.pip_settings({"PIP_CONFIG_FILE": str(pip_conf)}, [])
    assert settings["index-url"] == "https://index.example/simple"


def test_the_environment_wins_over_files(pip_conf: Path) -> None:
    variables = {"PIP_INDEX_URL": "https://own.example/simple", "PIP_CERT": "/own.pem"}
    settings = environment.pip_settings(variables, [str(pip_conf)])
    assert settings["index-url"] == "https://own.example/simple"
    assert settings["cert"] == "/own.pem"


def test_without_settings_uv_keeps_its_own(tmp_path: Path) -> None:
    assert environment.pip_settings({}, [str(tmp_path / "none")]) == {}


def test_a_failing_command_ends_the_run_with_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        environment.run(["sh", "-c", "exit 7"])
    assert ended.value.code == 7
    assert capsys.readouterr().err == "error: `sh -c exit 7` ended with code 7\n"


def test_a_missing_command_does_not_succeed(tmp_path: Path) -> None:
    assert not environment.succeeds([str(tmp_path / "none")])


@pytest.mark.parametrize(("words", "code"), [(["--help"], 0), ([], 2), (["tset"], 2)])
def test_the_task_runner_lists_its_tasks(words: list[str], code: int) -> None:
    command = [sys.executable, "dev.py", *words]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == code
    listed = [line.split()[0] for line in done.stdout.splitlines()[2:]]
    tasks = "demo test lint prose limits mutants types check bench instructions fresh"
    assert listed == tasks.split()
