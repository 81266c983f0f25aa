"""Only a journal is undone that this user wrote on this machine, and that git does not track."""

import json
import os
import shutil
from pathlib import Path

import pytest

from paxx import apply, confinement, journal, rollback, signature
from paxx.changes import FileChange, Plan
from paxx.errors import FileSyntaxError, PreconditionError, RollbackError
from tests.cases.by_hand import commit_all, git
from tests.harness import Shop
from tests.security import journals
from tests.security.journals import document, entry, leave_half_done, sha256

JOURNAL = ".paxx/journal/journal.json"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use a state directory of this test, and no other place for the key."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(signature, "_SHARED", tmp_path / "shared")
    return tmp_path


def test_a_journal_of_somebody_else_is_refused_and_explained(
    shop: Shop, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shop.tree()
    leave_half_done(shop.root)
    half_done = shop.tree()
    monkeypatch.setenv("XDG_STATE_HOME", str(elsewhere / "of another user"))
    for command in (("recover",), ("infra", "add", "metrics", "--no-sync"), ("status",)):
        outcome = shop.run(*command)
        assert outcome.code == 4
        assert "this journal was not written by you on this machine" in outcome.stderr
        assert "hint: if no command of yours was interrupted here, delete" in outcome.stderr
        assert shop.tree() == half_done
    monkeypatch.setenv("XDG_STATE_HOME", str(elsewhere / "state"))
    assert shop.run("recover").code == 0
    assert shop.tree() == before


def test_the_key_is_private_and_stays_the_same(elsewhere: Path) -> None:
    first = signature.sign(b"content", elsewhere / "shop")
    folder = elsewhere / "state/paxx"
    assert [path.name for path in folder.iterdir()] == ["key"]
    assert (folder.stat().st_mode & 0o777, (folder / "key").stat().st_mode & 0o777) == (
        0o700,
        0o600,
    )
    assert signature.sign(b"content", elsewhere / "shop") == first
    assert signature.is_signed(b"content", first, elsewhere / "shop")
    assert not signature.is_signed(b"another", first, elsewhere / "shop")
    assert not signature.is_signed(b"content", "", elsewhere / "shop")


def test_without_a_home_the_key_is_kept_in_a_private_folder_of_the_machine(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(elsewhere / "file"))  # cannot be written
    signed = signature.sign(b"content", elsewhere / "shop")
    assert (elsewhere / f"shared/paxx-{os.geteuid()}/key").is_file()
    assert signature.is_signed(b"content", signed, elsewhere / "shop")


def test_a_state_directory_that_is_not_absolute_does_not_count(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "state")
    monkeypatch.setenv("HOME", str(elsewhere / "home"))
    assert signature.sign(b"content", elsewhere / "shop")
    assert (elsewhere / "home/.local/state/paxx/key").is_file()


@pytest.mark.parametrize("flaw", ["in the project", "readable", "short", "open folder"])
def test_a_key_that_others_may_know_signs_nothing(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, flaw: str
) -> None:
    root = elsewhere / "shop"
    folder = (root if flaw == "in the project" else elsewhere) / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    monkeypatch.setattr(signature, "_SHARED", root)
    (folder / "paxx").mkdir(parents=True, mode=0o755 if flaw == "open folder" else 0o700)
    key = folder / "paxx/key"
    key.write_bytes(b"k" * (16 if flaw == "short" else 32))
    key.chmod(0o644 if flaw == "readable" else 0o600)
    assert signature.sign(b"content", root) == ""
    known = signature._digest(key.read_bytes(), b"content")
    assert not signature.is_signed(b"content", known, root)


def test_two_commands_that_make_the_key_at_once_have_the_same(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def overtaken(source: Path, target: Path) -> None:
        link(source, target)  # of the other command
        link(source, target)

    monkeypatch.setattr(os, "link", overtaken)
    assert signature.sign(b"content", elsewhere / "shop")
    assert [path.name for path in (elsewhere / "state/paxx").iterdir()] == ["key"]


def test_without_any_key_a_command_works_but_a_killed_one_is_not_undone(
    shop: Shop, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(elsewhere / "file"))
    monkeypatch.setattr(signature, "_SHARED", elsewhere / "file")
    assert shop.add("metrics").code == 0
    journal.write(journal.plan(shop.root, [FileChange("main.py", b"", b"new")]))
    assert json.loads((shop / JOURNAL).read_text())["signature"] == ""
    assert shop.run("recover").code == 4


def test_a_journal_is_ignored_by_git_before_it_counts(shop: Shop) -> None:
    (shop / ".gitignore").write_text("")  # of a project that another version made
    commit_all(shop.root)
    leave_half_done(shop.root)
    assert (shop / JOURNAL).is_file()
    git(shop.root, "add", "--all")
    assert "journal" not in git(shop.root, "diff", "--cached", "--name-only")


def test_a_new_project_ignores_journals(shop: Shop) -> None:
    git(shop.root, "init", "--quiet")
    assert git(shop.root, "check-ignore", ".paxx/journal") == ".paxx/journal\n"


def test_a_journal_that_git_tracks_is_refused(shop: Shop) -> None:
    git(shop.root, "init", "--quiet")
    before = shop.tree()
    leave_half_done(shop.root)
    git(shop.root, "add", "--force", ".paxx/journal")
    half_done = shop.tree()
    outcome = shop.run("recover")
    assert outcome.code == 4
    assert f"{JOURNAL}: git tracks this journal, so it is not undone" in outcome.stderr
    assert shop.tree() == half_done
    git(shop.root, "rm", "-r", "--quiet", "--cached", ".paxx/journal")
    assert shop.run("recover").code == 0
    assert shop.tree() == before


@pytest.mark.parametrize("part", ["core", "settings.py", ".settings.py.paxx-unfinished"])
def test_a_link_that_came_since_keeps_a_command_from_being_undone(
    shop: Shop, tmp_path: Path, part: str
) -> None:
    changes = [
        FileChange("core/health.py", (shop / "core/health.py").read_bytes(), b"new"),
        FileChange("settings.py", (shop / "settings.py").read_bytes(), b"new"),
    ]
    journal.write(journal.plan(shop.root, changes))
    victim = Path(shutil.copytree(shop / "core", tmp_path / "victim"))
    (victim / "health.py").write_bytes(b"new")
    if (shop / part).is_dir():
        shutil.rmtree(shop / part)
    else:
        (shop / part).unlink(missing_ok=True)
    (shop / part).symlink_to(victim if part == "core" else victim / "health.py")
    half_done = shop.tree()
    outcome = shop.run("recover")
    assert outcome.code == 4
    assert f"{part}: a symbolic link is in the way" in outcome.stderr
    assert shop.tree() == half_done
    assert (victim / "health.py").read_bytes() == b"new"


def test_a_link_that_comes_while_files_are_written_is_told(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def linked(_: journal.Journal) -> None:
        (shop / "main.py").unlink()
        (shop / "main.py").symlink_to("settings.py")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rollback, "finish", linked)
    content = (shop / "main.py").read_bytes()
    with pytest.raises(RollbackError, match="main.py: a symbolic link is in the way; not every"):
        apply.commit(Plan(shop.root, (), (FileChange("main.py", content, b"new"),), ()))


@pytest.mark.parametrize("path", ["../beside.py", ".git/config"])
def test_a_plan_for_a_file_outside_is_not_applied(shop: Shop, path: str) -> None:
    before = shop.tree()
    with pytest.raises(PreconditionError, match="leads"):
        apply.commit(Plan(shop.root, (), (FileChange(path, None, b"new"),), ()))
    assert shop.tree() == before


SIGNED = {
    "original that is no number": document(entry("main.py", None, None, original="\u0661")),
    "digest that is none": document(entry("main.py", "abc", None)),
    "directory above": document(directories=("..",)),
    "absolute directory": document(directories=("/tmp",)),
    "temporary file elsewhere": document(entry("main.py", None, None, temporary="settings.py")),
    "path with a drive": document(entry("C:/main.py", None, None)),
    "path with dots": document(entry("core/. ./main.py", None, None)),
    "path with a control character": document(entry("core/\x07.py", None, None)),
    "path into git": document(entry("core/.Git /config", None, None)),
}


@pytest.mark.parametrize("name", SIGNED)
def test_even_a_signed_journal_may_not_lead_outside(shop: Shop, name: str) -> None:
    journals.write(shop.root, SIGNED[name])
    journals.sign(shop.root)
    before = shop.tree()
    outcome = shop.run("recover")
    assert outcome.code == 3
    assert f"{JOURNAL}: this file is damaged" in outcome.stderr
    assert shop.tree() == before


def test_a_signed_journal_is_undone(shop: Shop) -> None:
    content = (shop / "main.py").read_bytes()
    journals.write(shop.root, document(entry("main.py", sha256(b"original\n"), sha256(content))))
    journals.sign(shop.root)
    assert shop.run("recover").code == 0
    assert (shop / "main.py").read_bytes() == b"original\n"


def test_what_is_in_the_way_of_state_is_named(shop: Shop) -> None:
    (shop / ".paxx").mkdir()
    (shop / ".paxx/base").symlink_to("../core")
    with pytest.raises(PreconditionError, match=r"^\.paxx/base: a symbolic link; only regular"):
        confinement.check_state(shop.root)


def test_a_folder_of_state_that_is_gone_meanwhile_is_no_error(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: Path) -> None:
        raise FileNotFoundError

    shop.add("redis")
    monkeypatch.setattr(os, "scandir", gone)
    confinement.check_state(shop.root)


def test_a_damaged_journal_nests(shop: Shop) -> None:
    (shop / ".paxx/journal").mkdir(parents=True)
    (shop / JOURNAL).write_text('{"schema": 1, "files": ' + "[" * 100_000)
    with pytest.raises(FileSyntaxError, match="this file is damaged: nested too deeply"):
        journal.load(shop.root)
