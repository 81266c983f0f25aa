"""Writing a plan: all of its files, or none."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paxx import apply
from paxx.changes import FileChange, Plan
from paxx.errors import ApplyError, PreconditionError, RollbackError
from tests.harness import tree


def plan_of(root: Path, *changes: FileChange) -> Plan:
    return Plan(root, (), changes, ())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "settings.py").write_bytes(b"old\r\n")
    (root / "settings.py").chmod(0o640)
    return root


CHANGES = (
    FileChange("core/deep/cache.py", None, b"new"),
    FileChange("settings.py", b"old\r\n", b"old\r\nmore\r\n"),
    FileChange("run.sh", None, b"#!/bin/sh\n", executable=True),
)


def test_every_file_is_written_and_nothing_else(project: Path) -> None:
    apply.commit(plan_of(project, *CHANGES))
    assert tree(project) == {
        "core/deep/cache.py": b"new",
        "run.sh": b"#!/bin/sh\n",
        "settings.py": b"old\r\nmore\r\n",
    }


def test_modes_are_kept_and_set(project: Path) -> None:
    apply.commit(plan_of(project, *CHANGES))
    assert (project / "settings.py").stat().st_mode & 0o777 == 0o640
    assert (project / "run.sh").stat().st_mode & 0o111


def test_a_symbolic_link_stays_one(project: Path) -> None:
    (project / "real.py").write_bytes(b"old")
    (project / "link.py").symlink_to("real.py")
    apply.commit(plan_of(project, FileChange("link.py", b"old", b"new")))
    assert (project / "link.py").is_symlink()
    assert (project / "real.py").read_bytes() == b"new"


def test_a_file_changed_since_planning_stops_everything(project: Path) -> None:
    (project / "settings.py").write_bytes(b"meanwhile")
    before = tree(project)
    with pytest.raises(PreconditionError, match="changed while the command ran"):
        apply.commit(plan_of(project, *CHANGES))
    assert tree(project) == before
    assert not (project / "core").exists()


def fail_at(monkeypatch: pytest.MonkeyPatch, method: str, turn: int, error: BaseException) -> None:
    """Let the given call of a method of Path fail; the ones before and after it work."""
    original: Callable[..., Any] = getattr(Path, method)
    calls = iter(range(10**6))

    def sometimes(self: Path, *arguments: Any, **options: Any) -> Any:
        if next(calls) == turn:
            raise error
        return original(self, *arguments, **options)

    monkeypatch.setattr(Path, method, sometimes)


FAULTS = (
    OSError(errno.ENOSPC, "No space left on device"),
    MemoryError(),
    KeyboardInterrupt(),
    RuntimeError("anything"),
)
POINTS = [("write_bytes", 3), ("replace", 3), ("mkdir", 2), ("chmod", 2)]


@pytest.mark.parametrize("error", FAULTS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    ("method", "turn"), [(method, turn) for method, count in POINTS for turn in range(count)]
)
def test_a_failure_at_any_point_leaves_everything_as_it_was(
    project: Path, monkeypatch: pytest.MonkeyPatch, method: str, turn: int, error: BaseException
) -> None:
    before = tree(project)
    with monkeypatch.context() as patch:
        fail_at(patch, method, turn, error)
        expected = ApplyError if isinstance(error, OSError) else type(error)
        with pytest.raises(expected):
            apply.commit(plan_of(project, *CHANGES))
    assert tree(project) == before
    assert not (project / "core").exists()
    assert (project / "settings.py").stat().st_mode & 0o777 == 0o640


def test_a_failure_names_the_reason(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        fail_at(patch, "replace", 1, FAULTS[0])
        with pytest.raises(ApplyError, match="No space left on device; nothing was changed") as e:
            apply.commit(plan_of(project, *CHANGES))
    assert e.value.code == 7


def test_what_could_not_be_put_back_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = OSError(errno.EIO, "Input/output error")

    def failing(*_: object) -> None:
        raise broken

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", failing)
        patch.setattr(Path, "rmdir", failing)
        with pytest.raises(RollbackError, match="could not be put back") as caught:
            apply.commit(plan_of(project, *CHANGES))
    assert caught.value.code == 8
