"""Programs in the foreground: their exit codes, and signals that come for us."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from paxx.errors import PreconditionError
from paxx.running import foreground
from paxx.running.foreground import ALL_TO_TERMINATE, Ended

TELLS = (
    "trap 'kill $!; exit 7' TERM; trap 'kill $!; exit 8' HUP; trap 'kill $!; exit 9' INT;"
    " sleep {1} & kill -{0} $PPID; wait"
)


def sh(script: str) -> tuple[str, ...]:
    return ("/bin/sh", "-c", script)


@pytest.mark.parametrize(
    ("script", "code"),
    [("exit 0", 0), ("exit 3", 3), ("kill -KILL $$", 137), ("kill -TERM $$", 143)],
)
def test_the_exit_code_is_counted_as_a_shell_does(tmp_path: Path, script: str, code: int) -> None:
    assert foreground.run(sh(script), tmp_path) == Ended(code, asked=False)


@pytest.mark.parametrize(("name", "code"), [("TERM", 7), ("HUP", 8)])
def test_a_signal_is_passed_on(tmp_path: Path, name: str, code: int) -> None:
    assert foreground.run(sh(TELLS.format(name, 9)), tmp_path) == Ended(code, asked=True)


def test_an_interrupt_is_left_to_the_terminal(tmp_path: Path) -> None:
    assert foreground.run(sh(TELLS.format("INT", 0.1)), tmp_path) == Ended(0, asked=True)


@pytest.mark.parametrize("name", ["TERM", "HUP", "INT"])
def test_a_server_is_asked_to_end_by_every_signal(tmp_path: Path, name: str) -> None:
    ended = foreground.run(sh(TELLS.format(name, 9)), tmp_path, ALL_TO_TERMINATE)
    assert ended == Ended(7, asked=True)


def test_run_kills_a_program_that_does_not_end_after_a_signal(tmp_path: Path) -> None:
    deaf = sh("trap '' TERM; kill -TERM $PPID; exec sleep 60")
    ended = foreground.run(deaf, tmp_path, ALL_TO_TERMINATE, kill_after=0.2)
    assert ended == Ended(137, asked=True)


def test_a_signal_that_comes_while_a_program_starts_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start_interrupted(*arguments: Any, **options: Any) -> "subprocess.Popen[bytes]":
        signal.raise_signal(signal.SIGINT)
        return started(*arguments, **options)

    started = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", start_interrupted)
    assert foreground.run(("/bin/sleep", "0.1"), tmp_path) == Ended(0, asked=True)
    ended = foreground.run(("/bin/sleep", "9"), tmp_path, ALL_TO_TERMINATE)
    assert ended == Ended(143, asked=True)


def test_handlers_are_as_before_afterwards(tmp_path: Path) -> None:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(each) for each in numbers]
    foreground.run(sh("exit 1"), tmp_path)
    assert [signal.getsignal(each) for each in numbers] == before


@pytest.mark.parametrize("name", ["HUP", "INT", "TERM"])
def test_run_and_its_program_keep_ignoring_a_signal(tmp_path: Path, name: str) -> None:
    number = signal.Signals[f"SIG{name}"]
    before = signal.signal(number, signal.SIG_IGN)
    try:
        ended = foreground.run(sh(f"kill -{name} $PPID; kill -{name} $$; exit 5"), tmp_path)
    finally:
        signal.signal(number, before)
    assert ended == Ended(5, asked=False)


def test_a_program_runs_in_the_root_with_a_path_from_there(tmp_path: Path) -> None:
    program = tmp_path / "bin/here"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\ntouch ran\n")
    program.chmod(0o755)
    assert foreground.run((str(Path("bin/here")),), tmp_path).code == 0
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["bin/gone", "no-such-program"])
def test_a_program_that_is_not_there_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(PreconditionError) as caught:
        foreground.run((name,), tmp_path)
    assert caught.value.message == f"`{name}` does not run: no such file or directory"


def test_uv_is_not_told_of_an_environment_that_is_not_the_project_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uv = tmp_path / "uv"
    uv.write_text('#!/bin/sh\ntest -z "$VIRTUAL_ENV"\n', encoding="utf-8")
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("VIRTUAL_ENV", "/another")
    assert foreground.run(("uv", "run"), tmp_path).code == 0
