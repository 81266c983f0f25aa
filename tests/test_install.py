"""What uv is run for after the files are written, and when that counts as done."""

from pathlib import Path

import pytest

from paxx import install
from paxx.changes import Result
from paxx.options import Options


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project that is locked; only what a test writes to `programs` is on PATH."""
    monkeypatch.delenv("UV_FROZEN", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path / 'programs'}")
    (tmp_path / "project").mkdir()
    (tmp_path / "project/uv.lock").write_text("locked\n")
    return tmp_path / "project"


def write_uv(root: Path, script: str) -> None:
    """Put an uv on PATH that logs its arguments and runs a script."""
    program = root.parent / "programs/uv"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\necho "$@" >> {root.parent}/calls\n{script}\n')
    program.chmod(0o755)


def results(root: Path) -> list[tuple[Result, str]]:
    return [(run.result, run.reason) for run in install.environment(root, Options())]


def calls(root: Path) -> list[str]:
    return (root.parent / "calls").read_text().splitlines()


def test_a_lock_that_changed_is_not_checked(root: Path) -> None:
    write_uv(root, "echo more >> uv.lock")
    assert results(root) == [(Result.DONE, ""), (Result.DONE, "")]
    assert calls(root) == ["lock --quiet", "sync --quiet"]


def test_a_lock_that_stayed_as_it_was_may_be_right(root: Path) -> None:
    write_uv(root, "")
    assert results(root) == [(Result.DONE, ""), (Result.DONE, "")]
    assert calls(root) == ["lock --quiet", "lock --quiet --check", "sync --quiet"]


@pytest.mark.parametrize(("frozen", "cause"), [("1", "; unset UV_FROZEN"), ("", "")])
def test_a_lock_that_uv_left_out_of_step_is_a_failure(
    root: Path, monkeypatch: pytest.MonkeyPatch, frozen: str, cause: str
) -> None:
    monkeypatch.setenv("UV_FROZEN", frozen)
    write_uv(root, 'test "$3" != --check')
    reason = f"`uv.lock` was left as it is and does not match `pyproject.toml`{cause}"
    assert results(root) == [(Result.FAILED, reason), (Result.SKIPPED, "`uv lock` failed")]
    assert calls(root) == ["lock --quiet", "lock --quiet --check"]


def test_the_environment_of_a_workspace_keeps_what_other_members_need(root: Path) -> None:
    (root.parent / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["*"]\n')
    write_uv(root, "echo more >> ../uv.lock")
    assert results(root) == [(Result.DONE, ""), (Result.DONE, "")]
    assert calls(root) == ["lock --quiet", "sync --quiet --inexact"]
