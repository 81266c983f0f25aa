"""Writing a plan: all of its files, or none."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from paxx import apply, disk
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


def overwrite(file: Path) -> None:
    file.write_bytes(b"saved")


def replace(file: Path) -> None:
    copy = file.with_name("editor's copy")
    copy.write_bytes(b"saved")
    copy.replace(file)


@pytest.mark.parametrize("save", [overwrite, replace])
def test_commit_keeps_a_file_saved_after_the_first_check(
    project: Path, monkeypatch: pytest.MonkeyPatch, save: Callable[[Path], None]
) -> None:
    write = disk.write

    def write_while_the_user_saves(path: Path, content: bytes, mode: int | None = None) -> None:
        write(path, content, mode)
        save(project / "settings.py")

    monkeypatch.setattr(disk, "write", write_while_the_user_saves)
    with pytest.raises(PreconditionError, match="changed while the command ran"):
        apply.commit(plan_of(project, *CHANGES))
    assert tree(project) == {"settings.py": b"saved"}


def test_commit_flushes_each_file_before_it_replaces_another(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: set[int] = set()
    replaced: list[tuple[str, bool]] = []
    fsync, rename = os.fsync, Path.replace

    def note_fsync(descriptor: int) -> None:
        flushed.add(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    def note_replace(file: Path, target: Path) -> Path:
        replaced.append((target.name, file.stat().st_ino in flushed))
        return rename(file, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(Path, "replace", note_replace)
    apply.commit(plan_of(project, *CHANGES))
    assert replaced == [
        ("journal.json", True),
        ("cache.py", True),
        ("settings.py", True),
        ("run.sh", True),
    ]
    directories = {(project / each).stat().st_ino for each in (".", "core/deep")}
    assert directories <= flushed


def test_a_file_may_go_and_the_directory_that_only_it_was_in(project: Path) -> None:
    (project / "core").mkdir()
    (project / "core" / "cache.py").write_bytes(b"old")
    apply.commit(plan_of(project, FileChange("core/cache.py", b"old", None)))
    assert not (project / "core").exists()
    assert tree(project) == {"settings.py": b"old\r\n"}


def test_a_directory_with_more_in_it_stays(project: Path) -> None:
    (project / "core").mkdir()
    (project / "core" / "cache.py").write_bytes(b"old")
    (project / "core" / "mine.py").write_bytes(b"mine")
    apply.commit(plan_of(project, FileChange("core/cache.py", b"old", None)))
    assert (project / "core" / "mine.py").is_file()


def test_a_project_in_directories_that_are_not_there_yet(tmp_path: Path) -> None:
    root = tmp_path / "a" / "b" / "shop"
    apply.commit(plan_of(root, FileChange("core/main.py", None, b"new")))
    assert tree(tmp_path) == {"a/b/shop/core/main.py": b"new"}


def test_where_links_are_not_to_be_had_the_original_is_copied(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(project)

    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(Path, "unlink", full)
    with pytest.raises(RollbackError):
        apply.commit(plan_of(project, *CHANGES))
    monkeypatch.undo()
    assert apply.recover(project) is not None
    assert tree(project) == before
    assert (project / "settings.py").stat().st_mode & 0o777 == 0o640


def test_a_failure_names_the_reason(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = tree(project)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ApplyError, match="No space left on device") as caught:
            apply.commit(plan_of(project, *CHANGES))
    assert caught.value.code == 8 or tree(project) == before
    apply.recover(project)
    assert tree(project) == before
