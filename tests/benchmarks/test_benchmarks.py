"""How benchmarks are chosen, and what they do on a machine that has less."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__, commands
from devtools import limits

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return the commands that are run; those with a script for an interpreter fail."""
    made: list[list[str]] = []

    def run(command: list[str], **_: Any) -> "subprocess.CompletedProcess[str]":
        made.append(command)
        return subprocess.CompletedProcess(command, int("-c" in command))

    monkeypatch.setattr(subprocess, "run", run)
    return made


def test_help_lists_the_benchmarks() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("usage: python3 dev.py bench [-h] [NAME ...]")
    assert all(name in done.stdout for name in __main__.NAMES)


def test_an_unknown_benchmark_is_an_error_of_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], runs: list[list[str]]
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", "commands", "comands"])
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 2
    assert "unknown benchmark `comands`; known: commands, " in capsys.readouterr().err
    assert runs == []


def test_a_failing_benchmark_ends_the_run_with_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(command: list[str], **_: Any) -> "subprocess.CompletedProcess[str]":
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(subprocess, "run", fails)
    monkeypatch.setattr(sys, "argv", ["benchmarks", "cache", "geo"])
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 3


def test_commands_leaves_out_the_peer_where_the_interpreter_is_too_old(
    tmp_path: Path, runs: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    made = dict(commands.environments(tmp_path, sys.executable))
    assert made == {"paxx": tmp_path / "paxx" / "bin"}
    assert [command[1] for command in runs] == ["venv", "pip", "venv", "-c"]
    assert "--python 3.12" in capsys.readouterr().err


@pytest.mark.integration
def test_commands_runs_on_the_running_interpreter(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def environments(_: Path, python: str) -> dict[str, Path]:
        assert python == sys.executable
        return {"paxx": Path(sys.executable).parent}

    monkeypatch.setattr(commands, "environments", environments)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(sys, "argv", ["commands", "--rounds", "1"])
    commands.main()
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first.startswith("| command | paxx | paxx==")
    assert last.startswith("| `paxx infra add redis metrics` | ")
    assert " ms |  | " in last


def test_commands_count_only_with_valgrind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(SystemExit, match="`valgrind` is not on PATH"):
        commands.check_instructions(tmp_path, tmp_path)


def test_every_counted_command_has_a_limit() -> None:
    names = [commands.REFERENCE, *(" ".join(each) for each in commands.COUNTED)]
    assert list(limits.load()["instructions"]) == names


def test_instructions_are_read_from_what_valgrind_prints(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def run(command: list[str], **_: Any) -> "subprocess.CompletedProcess[str]":
        assert command[0] == "valgrind"
        return subprocess.CompletedProcess(command, 0, "", "==7== I   refs:      1,234,567,890\n")

    monkeypatch.setattr(subprocess, "run", run)
    assert commands.instructions(["paxx"], tmp_path) == 1235


@pytest.mark.parametrize(
    ("counted", "error"),
    [
        (110, None),
        (111, "error: `paxx status` takes 111 million instructions, 110 are allowed"),
    ],
)
def test_instructions_may_exceed_the_recorded_ones_by_a_tenth(
    counted: int, error: str | None
) -> None:
    known = {commands.REFERENCE: 10, "status": 100}
    assert commands.excess({commands.REFERENCE: 10, "status": counted}, known) == (
        [error] if error else []
    )
    assert commands.excess({commands.REFERENCE: 20, "status": 2 * counted - 10}, known) == []
