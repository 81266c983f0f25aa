"""Repositories in all states: the numbers are those of docs/cases.md."""

import os
from pathlib import Path

import pytest

from tests.cases.by_hand import commit_all, git, refused
from tests.harness import Run, Shop

pytestmark = pytest.mark.integration


def test_19_changes_elsewhere_do_not_matter(shop: Shop) -> None:
    commit_all(shop.root)
    (shop / "main.py").write_text("# edited\n")
    (shop / "untracked.py").write_text("new\n")
    assert shop.add("redis").code == 0


@pytest.mark.parametrize("is_staged", [False, True])
def test_19_changes_in_a_file_to_edit(shop: Shop, *, is_staged: bool) -> None:
    commit_all(shop.root)
    (shop / "settings.py").write_text((shop / "settings.py").read_text() + "# edited\n")
    if is_staged:
        git(shop.root, "add", "settings.py")
    refused(shop, "uncommitted changes in `settings.py`, which would be edited", 4)
    assert shop.add("redis", "--allow-dirty").code == 0
    assert (shop / "settings.py").read_text().endswith("# edited\n")


def test_19_a_second_command_needs_no_commit(shop: Shop) -> None:
    commit_all(shop.root)
    assert shop.add("redis").code == 0
    assert shop.add("metrics").code == 0
    assert shop.run("feature", "create", "products", "name:str", "--no-sync").code == 0
    assert shop.remove("redis").code == 0
    assert shop.add("redis").code == 0
    assert "local" not in git(shop.root, "status", "--porcelain", "--untracked-files=all")


def test_19_a_file_that_the_user_edits_after_a_command_stops_the_next_one(shop: Shop) -> None:
    commit_all(shop.root)
    assert shop.add("redis").code == 0
    (shop / "wiring.py").write_text((shop / "wiring.py").read_text() + "# edited\n")
    refused(shop, "uncommitted changes in `wiring.py`, which would be edited", 4, "metrics")
    assert shop.add("metrics", "--allow-dirty").code == 0
    assert shop.add("websocket").code == 0


def test_19_staged_files_of_a_new_project_need_no_commit(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("bootstrap", "mine", "--no-sync", "--yes", "--output-dir", str(tmp_path))
    monkeypatch.chdir(tmp_path / "mine")
    git(tmp_path / "mine", "add", "--all")
    assert run("infra", "add", "redis", "--no-sync").code == 0


@pytest.mark.parametrize("content", ["{", '{"schema": 2, "files": {}}', "[[" * 5000])
def test_19_a_damaged_record_of_what_was_written_counts_as_none(shop: Shop, content: str) -> None:
    commit_all(shop.root)
    assert shop.add("redis").code == 0
    (shop / ".paxx/local/written.json").write_text(content)
    refused(shop, "uncommitted changes in", 4, "metrics")
    assert shop.add("metrics", "--allow-dirty").code == 0
    assert shop.add("websocket").code == 0


def test_19_a_link_in_place_of_the_record_is_refused(shop: Shop, tmp_path: Path) -> None:
    commit_all(shop.root)
    (tmp_path / "elsewhere").mkdir()
    (shop / ".paxx").mkdir()
    (shop / ".paxx/local").symlink_to(tmp_path / "elsewhere")
    refused(shop, ".paxx/local: a symbolic link; only regular files and directories", 4)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_20_a_project_in_a_directory_of_a_repository(shop: Shop) -> None:
    (shop.root.parent / "settings.py").write_text("of another project\n")
    commit_all(shop.root.parent)
    (shop.root.parent / "settings.py").write_text("edited\n")
    assert shop.add("redis").code == 0
    (shop / "settings.py").write_text((shop / "settings.py").read_text() + "# edited\n")
    refused(shop, "uncommitted changes in `settings.py`", 4, "metrics")


@pytest.mark.parametrize("kind", ["worktree", "submodule", "separate"])
def test_20_a_repository_whose_data_lies_elsewhere(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if kind == "separate":
        git(shop.root, "init", "--quiet", f"--separate-git-dir={tmp_path / 'data'}")
    commit_all(shop.root)
    root = tmp_path / "other" / "shop"
    if kind == "separate":
        root = shop.root
    elif kind == "worktree":
        git(shop.root, "worktree", "add", "--quiet", str(root))
    else:
        root.parent.mkdir()
        git(root.parent, "init", "--quiet")
        git(root.parent, "submodule", "--quiet", "add", str(shop.root), "shop")
    assert (root / ".git").is_file()
    monkeypatch.chdir(root)
    (root / "settings.py").write_text((root / "settings.py").read_text() + "# edited\n")
    refused(Shop(root, shop.run), "uncommitted changes in `settings.py`", 4)
    git(root, "checkout", "settings.py")
    assert shop.add("redis").code == 0
    assert "redis" in (root / "wiring.py").read_text()


def test_21_without_a_repository(shop: Shop) -> None:
    assert shop.add("redis").code == 0


def test_21_without_git_on_the_path(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    commit_all(shop.root)
    (shop / "settings.py").write_text((shop / "settings.py").read_text() + "# edited\n")
    monkeypatch.setenv("PATH", str(shop / "core"))
    assert shop.add("redis").code == 0


def test_21_a_git_that_fails_is_told(shop: Shop) -> None:
    commit_all(shop.root)
    (shop / ".git/HEAD").write_text("damaged\n")
    refused(shop, "git cannot compare with the last commit: fatal: ", 4)
    assert shop.add("redis", "--allow-dirty").code == 0


@pytest.mark.parametrize(
    "setting",
    [
        ("commit.gpgsign", "true"),
        ("core.hooksPath", "hooks"),
        ("diff.external", "false"),
        ("status.short", "true"),
        ("status.relativePaths", "false"),
        ("core.quotePath", "true"),
        ("color.ui", "always"),
    ],
    ids=lambda setting: setting[0],
)
def test_22_settings_of_git_make_no_difference(shop: Shop, setting: tuple[str, str]) -> None:
    commit_all(shop.root)
    for hook in ("pre-commit", "post-index-change"):
        (shop / "hooks").mkdir(exist_ok=True)
        (shop / "hooks" / hook).write_text("#!/bin/sh\ntouch hook-ran\nexit 1\n")
        (shop / "hooks" / hook).chmod(0o755)
    git(shop.root, "config", *setting)
    (shop / "settings.py").write_text((shop / "settings.py").read_text() + "# edited\n")
    refused(shop, "uncommitted changes in `settings.py`", 4)
    git(shop.root, "checkout", "settings.py")
    assert shop.add("redis").code == 0
    assert git(shop.root, "log", "--format=%s") == "all\n"


def test_22_the_repository_is_not_written_to(shop: Shop) -> None:
    commit_all(shop.root)
    state = {path: path.read_bytes() for path in (shop / ".git").rglob("*") if path.is_file()}
    os.utime(shop / "settings.py", (0, 0))
    assert shop.add("redis").code == 0
    after = {path: path.read_bytes() for path in (shop / ".git").rglob("*") if path.is_file()}
    assert after == state


def test_55_a_file_that_git_ignores_is_edited_like_any_other(shop: Shop) -> None:
    with (shop / ".gitignore").open("a") as file:
        file.write("\n.env.example\n")
    commit_all(shop.root)
    assert "REDIS_URL" not in (shop / ".env.example").read_text()
    assert shop.add("redis").code == 0
    assert "REDIS_URL" in (shop / ".env.example").read_text()
