"""Limits of counts and of the time of a tier of tests."""

import subprocess
from pathlib import Path

import pytest

from devtools import limits, prose
from devtools.environment import tracked_files

TEXT = """# only fall
[counts]
files = 2_663 # tracked
src_lines = 500

[seconds.quick]
wall = 60
cpu = 120
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "limits.toml"
    path.write_text(TEXT)
    monkeypatch.setattr(limits, "LIMITS", path)
    return path


def test_tracked_files_are_those_of_git_that_exist(tmp_path: Path) -> None:
    for name in ("kept", "deleted", "untracked"):
        (tmp_path / name).touch()
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    subprocess.run(["git", "-C", tmp_path, "add", "kept", "deleted"], check=True)
    (tmp_path / "deleted").unlink()
    assert tracked_files(root=tmp_path) == ["kept"]
    assert tracked_files("untracked", root=tmp_path) == []


def test_every_limit_of_a_count_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prose, "check", list)
    assert limits.load()["counts"].keys() == limits.measure().keys() == limits.TITLES.keys()


def test_a_count_above_its_limit_is_an_error_with_one_hint() -> None:
    assert limits.errors({"files": 2664, "src_lines": 500}, {"files": 2663, "src_lines": 500}) == [
        "error: files in the repository: 2,664, limit 2,663\n"
        "hint: remove some, or raise `files` in devtools/limits.toml"
        " in a commit that gives the reason"
    ]


def test_the_hint_for_prose_names_the_command_that_lists_it() -> None:
    (error,) = limits.errors({"prose_findings": 2}, {"prose_findings": 1})
    assert error.endswith("\nhint: run `python3 dev.py prose` to list them")


def test_a_count_below_its_limit_is_printed() -> None:
    assert limits.improvements({"files": 9, "src_lines": 5}, {"files": 10, "src_lines": 5}) == [
        "files in the repository: 9, limit 10"
    ]


def test_limits_are_lowered_and_never_raised() -> None:
    lowered = limits.lower(TEXT, {"files": 2400, "src_lines": 600})
    assert lowered == TEXT.replace("2_663", "2_400")


@pytest.mark.parametrize(
    ("wall", "cpu", "error"),
    [
        (60, 120, None),
        (60.2, 121, "error: wall seconds of the quick tests: 61, limit 60\n"),
        (10, 121, "error: CPU seconds of the quick tests: 121, limit 120\n"),
    ],
)
@pytest.mark.usefixtures("file")
def test_a_tier_above_its_seconds_is_an_error(wall: float, cpu: float, error: str | None) -> None:
    hint = f"hint: {limits.SLOW_HINT}"
    assert limits.tier_error("quick", wall, cpu) == (error and error + hint)


def test_lowering_prints_nothing_about_limits_that_hold(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(limits, "measure", lambda: {"files": 2000, "src_lines": 500})
    monkeypatch.setattr("sys.argv", ["limits"])
    limits.main()
    assert (
        capsys.readouterr().out == f"files in the repository: 2,000, limit 2,663\n{limits.LOWER}\n"
    )
    monkeypatch.setattr("sys.argv", ["limits", "--lower"])
    limits.main()
    assert capsys.readouterr().out == ""
    assert "files = 2_000 # tracked\n" in file.read_text()


@pytest.mark.usefixtures("file")
def test_a_count_above_its_limit_fails_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "measure", lambda: {"src_lines": 501})
    monkeypatch.setattr("sys.argv", ["limits"])
    with pytest.raises(SystemExit, match="error: lines in src: 501, limit 500"):
        limits.main()
