"""git is asked in a way that lets no configuration of a repository run a program."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from paxx import git
from tests.cases.by_hand import commit_all
from tests.cases.by_hand import git as run_git
from tests.harness import Shop

PREVIEWS = (
    ("infra", "add", "redis", "--dry-run"),
    ("infra", "add", "redis", "--diff"),
    ("infra", "remove", "redis", "--check"),
    ("feature", "create", "orders", "name:str", "--dry-run"),
    ("infra", "list"),
    ("status",),
)


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """Return a program that leaves a file behind when it runs."""
    program = tmp_path / "canary"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\ncat\n")
    program.chmod(0o755)
    return program


def ran(canary: Path) -> bool:
    return (canary.parent / "ran").exists()


def configure(directory: Path, canary: Path) -> None:
    """Let all that a repository may configure for a file in it be the program."""
    for name, value in {
        "core.fsmonitor": canary,
        "core.hooksPath": canary.parent / "hooks",
        "core.pager": canary,
        "core.editor": canary,
        "core.sshCommand": canary,
        "core.askPass": canary,
        "diff.external": canary,
        "filter.evil.clean": canary,
        "filter.evil.smudge": canary,
        "filter.evil.process": canary,
        "filter.evil.required": "true",
        "diff.evil.textconv": canary,
        "diff.evil.command": canary,
        "gpg.program": canary,
        "credential.helper": canary,
        "alias.status": f"!{canary}",
        "alias.ls-files": f"!{canary}",
        "alias.ls-tree": f"!{canary}",
        "remote.origin.url": f"ext::{canary}",
        "remote.origin.uploadpack": canary,
        "remote.origin.promisor": "true",
        "protocol.ext.allow": "always",
        "submodule.recurse": "true",
    }.items():
        run_git(directory, "config", name, str(value))
    hooks = canary.parent / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "pre-commit", "reference-transaction", "fsmonitor-watchman"):
        shutil.copy(canary, hooks / hook)
    (directory / ".git/info").mkdir(exist_ok=True)
    (directory / ".git/info/attributes").write_text("* filter=evil diff=evil\n")


def test_no_configuration_of_a_repository_runs_a_program(shop: Shop, canary: Path) -> None:
    assert shop.add("redis").code == 0
    commit_all(shop.root)
    configure(shop.root, canary)
    for path in shop.tree():  # so that git, too, would have to look at the contents
        os.utime(shop / path, (1, 1))
    for command in PREVIEWS:
        assert shop.run(*command).code in {0, 10}, command
    assert shop.add("metrics").code == 0
    assert not ran(canary)


def test_a_bare_repository_in_the_project_is_not_looked_at(
    shop: Shop, tmp_path: Path, canary: Path
) -> None:
    assert shop.add("redis").code == 0
    run_git(tmp_path, "init", "--quiet", "--bare", str(tmp_path / "bare"))
    for name in ("HEAD", "objects", "refs"):
        shutil.move(tmp_path / "bare" / name, shop / name)
    (shop / "config").write_text(
        f'[core]\n\tbare = false\n\tworktree = .\n\tfsmonitor = "{canary}"\n'
    )
    inner = ("--git-dir=.", "--work-tree=.", "-c", "core.fsmonitor=")
    run_git(shop.root, *inner, "add", "--force", "settings.py", "wiring.py", "pyproject.toml")
    run_git(shop.root, *inner, "commit", "--quiet", "-m", "inner")
    commit_all(tmp_path)  # the repository that the project lies in
    for command in PREVIEWS:
        assert shop.run(*command).code in {0, 10}, command
    assert not ran(canary)


def test_a_missing_object_is_not_fetched(shop: Shop, canary: Path) -> None:
    commit_all(shop.root)
    tree = run_git(shop.root, "rev-parse", "HEAD^{tree}").strip()
    (shop / ".git/objects" / tree[:2] / tree[2:]).unlink()
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.url": f"ext::{canary}",
        "remote.origin.promisor": "true",
        "protocol.ext.allow": "always",
    }.items():
        run_git(shop.root, "config", name, value)
    outcome = shop.add("redis")
    assert outcome.code == 4
    assert "git cannot compare with the last commit: " in outcome.stderr
    assert not ran(canary)


def test_a_git_that_lies_in_the_project_is_not_run(
    shop: Shop, canary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit_all(shop.root)
    (shop / "bin").mkdir()
    shutil.copy(canary, shop / "bin/git")
    (shop / "linked").symlink_to("bin")
    for path in (str(shop / "bin"), "bin", ".", str(shop / "linked")):
        monkeypatch.setenv("PATH", path)
        assert git.program(shop.root) is None
        assert shop.add("redis", "--dry-run").code == 0
    assert not ran(canary)


def test_variables_of_a_hook_do_not_lead_to_another_repository(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit_all(shop.root)
    (shop / "settings.py").write_text("# edited\n")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "nothing"))
    assert git.uncommitted(shop.root, ["settings.py", "main.py"]) == ["settings.py"]


def edit(shop: Shop) -> None:
    (shop / "settings.py").write_text("# edited\n")


def delete(shop: Shop) -> None:
    (shop / "settings.py").unlink()


def stage_and_revert(shop: Shop) -> None:
    before = (shop / "settings.py").read_bytes()
    edit(shop)
    run_git(shop.root, "add", "settings.py")
    (shop / "settings.py").write_bytes(before)


def stage_removal(shop: Shop) -> None:
    run_git(shop.root, "rm", "--quiet", "--cached", "settings.py")


def replace_by_link(shop: Shop) -> None:
    (shop / "settings.py").rename(shop / "elsewhere.py")
    (shop / "settings.py").symlink_to("elsewhere.py")


def leave_conflict(shop: Shop) -> None:
    for branch in ("theirs", "main"):
        run_git(shop.root, "checkout", "--quiet", "-B", branch, "main")
        (shop / "settings.py").write_text(f"# {branch}\n")
        run_git(shop.root, "commit", "--quiet", "--all", "-m", branch)
    with pytest.raises(subprocess.CalledProcessError):  # it has conflicts
        run_git(shop.root, "merge", "--quiet", "theirs")
    (shop / "settings.py").write_text("# theirs\n")


@pytest.mark.parametrize(
    "change",
    [edit, delete, stage_and_revert, stage_removal, replace_by_link, leave_conflict],
    ids=lambda change: change.__name__,
)
def test_every_kind_of_uncommitted_change_is_seen(
    shop: Shop, change: Callable[[Shop], None]
) -> None:
    commit_all(shop.root)
    change(shop)
    paths = ["settings.py", "main.py", "not there.py"]
    assert git.uncommitted(shop.root, paths) == ["settings.py"]


@pytest.mark.parametrize("format_", ["sha1", "sha256"])
def test_both_formats_of_object_ids_are_understood(shop: Shop, format_: str) -> None:
    run_git(shop.root, "init", "--quiet", f"--object-format={format_}")
    commit_all(shop.root)
    assert git.uncommitted(shop.root, ["settings.py", "main.py"]) == []
    edit(shop)
    assert git.uncommitted(shop.root, ["settings.py", "main.py"]) == ["settings.py"]


def test_line_endings_that_git_converts_are_no_change(shop: Shop) -> None:
    commit_all(shop.root)
    (shop / "settings.py").write_bytes((shop / "settings.py").read_bytes().replace(b"\n", b"\r\n"))
    assert git.uncommitted(shop.root, ["settings.py"]) == []


def test_before_the_first_commit_what_is_staged_counts(shop: Shop) -> None:
    run_git(shop.root, "init", "--quiet")
    run_git(shop.root, "add", "settings.py")
    assert git.uncommitted(shop.root, ["settings.py", "main.py"]) == ["settings.py"]


def test_names_that_look_like_patterns_are_names(shop: Shop) -> None:
    (shop / "settings*.py").write_text("")
    commit_all(shop.root)
    edit(shop)
    assert git.uncommitted(shop.root, ["settings*.py"]) == []
