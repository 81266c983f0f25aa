"""Whether a plan may be applied here."""

import subprocess
from pathlib import Path

import pytest

from paxx import preflight
from paxx.changes import FileChange, Plan
from paxx.errors import PreconditionError
from paxx.options import Options


def plan_of(root: Path, *paths: str) -> Plan:
    changes = [
        FileChange(path, target.read_bytes() if (target := root / path).is_file() else None, b"x")
        for path in paths
    ]
    return Plan(root, (), tuple(changes), ())


def git(directory: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=directory, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with two committed files, one of them below a directory."""
    (tmp_path / "settings.py").write_text("one\n")
    (tmp_path / "service").mkdir()
    (tmp_path / "service" / "settings.py").write_text("two\n")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "first")
    return tmp_path


def test_a_clean_repository_is_fine(repository: Path) -> None:
    preflight.check(plan_of(repository, "settings.py"), Options())


@pytest.mark.parametrize("staged", [True, False])
def test_uncommitted_changes_in_a_file_to_edit_stop_it(repository: Path, staged: bool) -> None:  # noqa: FBT001
    (repository / "settings.py").write_text("edited\n")
    if staged:
        git(repository, "add", "settings.py")
    with pytest.raises(PreconditionError, match="uncommitted changes in `settings.py`") as caught:
        preflight.check(plan_of(repository, "settings.py"), Options())
    assert caught.value.code == 4
    assert "--allow-dirty" in (caught.value.hint or "")
    preflight.check(plan_of(repository, "settings.py"), Options(allow_dirty=True))


@pytest.mark.parametrize(
    ("link", "target", "path"),
    [
        ("wiring.py", "service/settings.py", "wiring.py"),
        ("conf", "service", "conf/settings.py"),
    ],
)
def test_a_file_behind_a_link_is_looked_at_where_it_lies(
    repository: Path, link: str, target: str, path: str
) -> None:
    (repository / link).symlink_to(target)
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "second")
    preflight.check(plan_of(repository, path), Options())
    (repository / "service/settings.py").write_text("edited\n")
    with pytest.raises(PreconditionError, match="uncommitted changes in `service/settings.py`,"):
        preflight.check(plan_of(repository, path), Options())
    git(repository, "checkout", "--", "service/settings.py")
    (repository / link).unlink()
    (repository / link).symlink_to(f"./{target}")  # an edit of the link itself
    with pytest.raises(PreconditionError, match=f"uncommitted changes in `{link}`,"):
        preflight.check(plan_of(repository, path), Options())


def test_other_uncommitted_changes_do_not_matter(repository: Path) -> None:
    (repository / "service" / "settings.py").write_text("edited\n")
    (repository / "untracked.py").write_text("new\n")
    preflight.check(plan_of(repository, "settings.py", "untracked.py", "new.py"), Options())


def test_a_project_in_a_directory_of_a_repository_is_scoped(repository: Path) -> None:
    (repository / "settings.py").write_text("edited\n")
    preflight.check(plan_of(repository / "service", "settings.py"), Options())
    (repository / "service" / "settings.py").write_text("edited\n")
    with pytest.raises(PreconditionError, match="uncommitted"):
        preflight.check(plan_of(repository / "service", "settings.py"), Options())


def test_without_git_on_path_nothing_is_uncommitted(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "settings.py").write_text("edited\n")
    monkeypatch.setenv("PATH", str(repository))
    preflight.check(plan_of(repository, "settings.py"), Options())


def test_a_read_only_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text("one\n")
    (tmp_path / "settings.py").chmod(0o444)
    with pytest.raises(PreconditionError, match="settings.py: no permission to write") as caught:
        preflight.check(plan_of(tmp_path, "settings.py"), Options())
    assert caught.value.hint == "`chmod u+w settings.py`"


def test_a_read_only_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core").chmod(0o555)
    with pytest.raises(PreconditionError, match="no permission to write in this directory"):
        preflight.check(plan_of(tmp_path, "core/cache.py"), Options())
    (tmp_path / "core").chmod(0o755)


def test_a_directory_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "core" / "cache.py").mkdir(parents=True)
    with pytest.raises(PreconditionError, match="core/cache.py: a directory is in the way"):
        preflight.check(plan_of(tmp_path, "core/cache.py"), Options())


def test_a_file_where_a_directory_is_needed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "core").write_text("not a package")
    with pytest.raises(PreconditionError, match="a file is in the way of this directory"):
        preflight.check(plan_of(tmp_path, "core/cache.py"), Options())


def test_a_link_out_of_the_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside.py").write_text("theirs\n")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "settings.py").symlink_to("../outside.py")
    with pytest.raises(PreconditionError, match="leads out of the project"):
        preflight.check(plan_of(tmp_path / "project", "settings.py"), Options())
