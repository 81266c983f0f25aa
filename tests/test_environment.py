"""The environment of a project: which interpreter is its own, and how its programs are run."""

from pathlib import Path

import pytest

from paxx import environment
from paxx.errors import PreconditionError


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty project; no environment is active, and there is no uv."""
    for name in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def write_program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("place", ["bin/python", "Scripts/python.exe"])
def test_its_own_environment_goes_before_the_active_one(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    assert environment.interpreter_of(root) is None
    active = write_program(tmp_path / "active" / place)
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    assert environment.interpreter_of(root) == active
    own = write_program(root / ".venv" / place)
    assert environment.interpreter_of(root) == own


@pytest.mark.parametrize("named", ["elsewhere", "../elsewhere"])
def test_the_one_that_uv_is_told_to_use_goes_first(
    root: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    write_program(root / ".venv/bin/python")
    wanted = write_program(root / named / "bin/python")
    monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", named)
    assert environment.interpreter_of(root) == wanted
    monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", str(root / named))
    assert environment.required_interpreter(root) == root / named / "bin/python"


@pytest.fixture
def member(tmp_path: Path) -> Path:
    """Return a project that is a member of the uv workspace in the folder above."""
    (tmp_path / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["*"]\n')
    return tmp_path / "project"


def test_a_member_of_a_workspace_has_the_environment_of_the_workspace(
    member: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = write_program(member / ".venv/bin/python")
    assert environment.interpreter_of(member) == own
    shared = write_program(member.parent / ".venv/bin/python")
    assert environment.interpreter_of(member) == shared
    named = write_program(member.parent / "elsewhere/bin/python")
    monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", "elsewhere")
    assert environment.interpreter_of(member) == named


def test_a_member_of_a_workspace_has_the_lock_file_of_the_workspace(
    member: Path, tmp_path: Path
) -> None:
    write_program(tmp_path / "programs/uv")
    write_program(tmp_path / ".venv/bin/python")
    pytest_program = write_program(tmp_path / ".venv/bin/pytest")
    (member / "uv.lock").touch()
    assert environment.command(member, "pytest") == (str(pytest_program),)
    (tmp_path / "uv.lock").touch()
    assert environment.command(member, "pytest") == ("uv", "run", "pytest")


def test_without_an_environment_the_way_to_make_one_is_told(root: Path) -> None:
    with pytest.raises(PreconditionError, match="the project has no environment") as caught:
        environment.required_interpreter(root)
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("`uv sync` creates it")


def test_with_a_lock_file_and_uv_a_program_is_run_by_uv(root: Path, tmp_path: Path) -> None:
    write_program(root / ".venv/bin/python")
    write_program(root / ".venv/bin/pytest")
    assert environment.command(root, "pytest", "-x") == (".venv/bin/pytest", "-x")
    (root / "uv.lock").touch()
    assert environment.command(root, "pytest", "-x") == (".venv/bin/pytest", "-x")
    write_program(tmp_path / "programs/uv")
    assert environment.command(root, "pytest", "-x") == ("uv", "run", "pytest", "-x")
    (root / "uv.lock").unlink()
    assert environment.command(root, "pytest", "-x") == (".venv/bin/pytest", "-x")


def test_a_program_of_an_environment_elsewhere_is_named_in_full(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_program(tmp_path / "active/bin/python")
    ruff = write_program(tmp_path / "active/bin/ruff")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    assert environment.command(root, "ruff", "check") == (str(ruff), "check")


def test_a_program_of_the_system_is_not_taken_for_one_of_the_project(
    root: Path, tmp_path: Path
) -> None:
    write_program(root / ".venv/bin/python")
    write_program(tmp_path / "programs/mypy")
    with pytest.raises(PreconditionError) as caught:
        environment.command(root, "mypy", ".")
    assert caught.value.message == "`mypy` is not installed in `.venv`"
    assert "uv sync" in (caught.value.hint or "")


def test_a_program_that_may_not_be_run_counts_as_missing(root: Path) -> None:
    write_program(root / ".venv/bin/python")
    write_program(root / ".venv/bin/mypy").chmod(0o644)
    with pytest.raises(PreconditionError, match="is not installed"):
        environment.command(root, "mypy", ".")
