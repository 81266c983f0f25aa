"""`paxx bootstrap`."""

import json
import subprocess
from pathlib import Path

import pytest

from paxx.changes import Result
from tests.harness import Run, tree

QUIET = ("--no-git", "--no-sync", "--yes")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_it_writes_the_project_and_says_what_comes_next(run: Run, tmp_path: Path) -> None:
    outcome = run("bootstrap", "shop", *QUIET)
    assert outcome.code == 0
    for path in ("main.py", "wiring.py", "settings.py", ".gitignore", "db/database.py"):
        assert (tmp_path / "shop" / path).is_file()
    assert f"wrote project in `{tmp_path / 'shop'}`" in outcome.stdout
    assert "skipped `git init --quiet --initial-branch=main`: --no-git" in outcome.stdout
    assert "paxx start" in outcome.stdout


def test_the_answers_end_up_in_the_project(run: Run, tmp_path: Path) -> None:
    answers = ("--description", "Sells things", "--author", "Ada", "--python", "3.12")
    assert run("bootstrap", "My Shop", "--output-dir", "work", *answers, *QUIET).code == 0
    pyproject = (tmp_path / "work" / "my-shop" / "pyproject.toml").read_text()
    assert 'name = "my-shop"' in pyproject
    assert "Sells things" in pyproject
    assert "Ada" in pyproject
    assert "my_shop" in (tmp_path / "work" / "my-shop" / "docker-compose.yml").read_text()
    workflow = (tmp_path / "work" / "my-shop" / ".github" / "workflows" / "ci.yml").read_text()
    assert "@127.0.0.1:5432/my_shop_test\n" in workflow


def test_no_template_leaves_a_trace(run: Run, tmp_path: Path) -> None:
    assert run("bootstrap", "shop", "--with", "redis,metrics", *QUIET).code == 0
    for path, content in tree(tmp_path / "shop").items():
        assert not path.endswith(".jinja")
        is_template = path.startswith(".paxx/base/") and "/files/" not in path
        assert is_template or b"{{ project" not in content, path


def test_components_can_come_at_once(run: Run, tmp_path: Path) -> None:
    assert run("bootstrap", "both", "--with", "metrics, redis", *QUIET).code == 0
    assert (tmp_path / "both" / "core" / "cache.py").is_file()
    assert (tmp_path / "both" / "core" / "metrics.py").is_file()


@pytest.mark.usefixtures("sample_catalog")
def test_with_brings_in_what_is_needed(run: Run, tmp_path: Path) -> None:
    assert run("bootstrap", "shop", "--with", "queue", *QUIET).code == 0
    assert (tmp_path / "shop" / "core" / "store.py").is_file()


def test_a_dot_means_this_directory(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "store" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "store")
    assert run("bootstrap", ".", *QUIET).code == 0
    assert 'name = "store"' in (tmp_path / "store" / "pyproject.toml").read_text()


def test_a_directory_that_is_not_empty_is_refused_with_what_is_in_the_way(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "shop").mkdir()
    for number in range(7):
        (tmp_path / "shop" / f"file{number}").touch()
    before = tree(tmp_path)
    outcome = run("bootstrap", "shop", *QUIET)
    assert outcome.code == 4
    assert "`file0`, `file1`, `file2`, `file3`, `file4` and 2 more" in outcome.stderr
    assert "--force" in outcome.stderr
    assert tree(tmp_path) == before


def test_a_file_of_that_name_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "shop").touch()
    assert run("bootstrap", "shop", *QUIET).code == 4


def test_force_writes_beside_foreign_files_but_never_over_them(run: Run, tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "README.md").write_text("mine\n")
    (tmp_path / "shop" / "notes.txt").write_text("mine too\n")
    outcome = run("bootstrap", "shop", "--force", *QUIET)
    assert outcome.code == 5
    assert "manual step: `README.md`: a file of that name was there" in outcome.stdout
    assert (tmp_path / "shop" / "README.md").read_text() == "mine\n"
    assert (tmp_path / "shop" / "notes.txt").read_text() == "mine too\n"
    assert (tmp_path / "shop" / "main.py").is_file()


def test_a_dry_run_writes_nothing(run: Run, tmp_path: Path) -> None:
    outcome = run("bootstrap", "shop", "--dry-run", *QUIET)
    assert outcome.code == 0
    assert "would write project" in outcome.stdout
    assert not (tmp_path / "shop").exists()


def test_json_is_one_document(run: Run, tmp_path: Path) -> None:
    outcome = run("bootstrap", "shop", "--json", *QUIET)
    document = json.loads(outcome.stdout)
    assert outcome.stderr == ""
    assert (document["status"], document["exit_code"]) == ("applied", 0)
    assert document["project"]["root"] == str(tmp_path / "shop")
    assert "main.py" in {change["path"] for change in document["changes"]}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "the name of the project is missing"),
        (("a/b",), "path separator"),
        (("fastapi",), "name of a dependency"),
        (("shop", "--with", "redsi"), "no component is called `redsi`"),
        (("shop", "--python", "3.8"), "`--python 3.8` does not do"),
        (("shop", "--python", "three"), "`--python three` does not do"),
        (("shop", "--description", 'say "hi"'), "the description may not hold quotes"),
        (("shop", "--author", "a\nb"), "the author may not hold quotes"),
        (("shop", "--wiht", "redis"), "no such option"),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    outcome = run("bootstrap", *arguments, *QUIET)
    assert outcome.code == 2
    assert message in outcome.stderr
    assert not any(tmp_path.iterdir())


def test_a_repository_is_made_and_nothing_is_committed(run: Run, tmp_path: Path) -> None:
    assert run("bootstrap", "shop", "--no-sync", "--yes").code == 0
    status = subprocess.run(
        ["git", "status", "--porcelain", "--branch"],
        cwd=tmp_path / "shop",
        capture_output=True,
        text=True,
        check=True,
    )
    assert status.stdout.startswith("## No commits yet on main")


def test_inside_a_repository_none_is_made(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    outcome = run("bootstrap", "shop", "--no-sync", "--yes")
    assert "already in a git repository" in outcome.stdout
    assert not (tmp_path / "shop" / ".git").exists()


def test_without_git_and_uv_it_says_what_was_skipped(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    outcome = run("bootstrap", "shop", "--yes")
    assert outcome.code == 0
    assert (
        "skipped `git init --quiet --initial-branch=main`: `git` is not on PATH" in outcome.stdout
    )
    assert "skipped `uv lock --quiet`: `uv` is not on PATH" in outcome.stdout
    assert "skipped `uv sync --quiet`: `uv` is not on PATH" in outcome.stdout


def test_a_uv_that_fails_leaves_the_project_and_says_what_to_run(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").write_text("#!/bin/sh\necho no network >&2\nexit 2\n")
    (tmp_path / "bin" / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    told = run("bootstrap", "first", "--yes")
    assert told.code == 5
    assert "failed: `uv lock --quiet`: no network" in told.stdout
    assert "next:\n  cd first\n  uv sync\n" in told.stdout
    outcome = run("bootstrap", "shop", "--json", "--yes")
    assert outcome.code == 5
    assert (tmp_path / "shop" / "main.py").is_file()
    runs = {entry["command"]: entry["result"] for entry in outcome.json["runs"]}
    assert runs["uv lock --quiet"] == Result.FAILED
    assert runs["uv sync --quiet"] == Result.SKIPPED


def test_the_example_is_an_option(run: Run, tmp_path: Path) -> None:
    assert run("bootstrap", "shop", "--example", *QUIET).code == 0
    assert list((tmp_path / "shop" / "features").glob("*/router.py"))
    assert "features." in (tmp_path / "shop" / "wiring.py").read_text()


def test_a_write_that_fails_leaves_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Path.replace
    calls = iter(range(1000))

    def failing(self: Path, target: Path) -> Path:
        if next(calls) == 10:
            raise OSError(28, "No space left on device")
        return original(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    outcome = run("bootstrap", "shop", *QUIET)
    assert outcome.code == 7
    assert not (tmp_path / "shop").exists()


def test_a_uv_that_works_is_run_in_the_project(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").write_text(
        '#!/bin/sh\necho "$1" >> uv.lock; echo "$1" >> uv-was-here\n'
    )
    (tmp_path / "bin" / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    outcome = run("bootstrap", "shop", "--yes")
    assert outcome.code == 0
    assert "ran `uv lock --quiet`\nran `uv sync --quiet`\n" in outcome.stdout
    assert (tmp_path / "shop" / "uv-was-here").read_text() == "lock\nsync\n"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a uv workspace that wants Python 3.12, as the working directory."""
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "mono"\nversion = "0.1.0"\nrequires-python = ">=3.12"\n'
        '[tool.uv.workspace]\nmembers = ["apps/*"]\n'
    )
    (tmp_path / "apps").mkdir()
    monkeypatch.chdir(tmp_path / "apps")
    return tmp_path


def test_a_member_of_a_workspace_is_said_to_be_one(run: Run, workspace: Path) -> None:
    outcome = run("bootstrap", "shop", *QUIET, "--python", "3.13")
    assert outcome.code == 0
    assert (
        "warning: the project is a member of the uv workspace in `../..`, which holds its"
        " `uv.lock` and `.venv`"
    ) in outcome.stdout
    assert (workspace / "apps/shop/.python-version").read_text() == "3.13\n"


def test_the_image_of_a_member_is_built_from_the_lock_of_the_workspace(
    run: Run, workspace: Path
) -> None:
    run("bootstrap", "shop", *QUIET)
    dockerfile = (workspace / "apps/shop/Dockerfile").read_text()
    assert "COPY --from=workspace pyproject.toml uv.lock ./\n" in dockerfile
    assert "COPY pyproject.toml apps/shop/\n" in dockerfile
    assert "--package shop\n" in dockerfile
    compose = (workspace / "apps/shop/docker-compose.yml").read_text()
    assert '      additional_contexts:\n        workspace: "../.."\n' in compose


def test_the_python_of_a_member_is_one_that_the_workspace_allows(
    run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paxx.cli.questions.DEFAULT_PYTHON", "3.11")
    assert run("bootstrap", "shop", *QUIET).code == 0
    assert (workspace / "apps/shop/.python-version").read_text() == "3.12\n"
    assert "FROM python:3.12-slim" in (workspace / "apps/shop/Dockerfile").read_text()
    refused = run("bootstrap", "other", *QUIET, "--python", "3.11")
    assert refused.code == 2
    assert f"the uv workspace `{workspace}` does not allow Python 3.11" in refused.stderr


def test_a_workspace_that_allows_no_python_is_reported(run: Run, workspace: Path) -> None:
    pyproject = workspace / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace(">=3.12", "<3.10"))
    assert run("bootstrap", "shop", *QUIET).code == 2


def test_a_command_of_git_that_fails_is_listed_as_a_next_step(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "git").write_text("#!/bin/sh\nexit 1\n")
    (programs / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)
    outcome = run("bootstrap", "shop", "--no-sync", "--yes")
    assert outcome.code == 5
    steps = outcome.stdout.partition("\nnext:\n")[2]
    assert "  git init --quiet --initial-branch=main\n" in steps
