"""Python, uv and the lock file, as `paxx doctor` sees them."""

from pathlib import Path

import pytest

from paxx.doctor import environment, facts
from tests.doctor.conftest import Clinic, write_script


def test_the_version_of_the_environment_is_told(clinic: Clinic) -> None:
    assert clinic.findings()["python"]["message"] == "3.12.1 in `.venv`"


def test_a_version_that_the_project_does_not_allow_is_a_problem(clinic: Clinic) -> None:
    clinic.tells(python="3.10.2")
    found = clinic.findings()["python"]
    assert found["level"] == "problem"
    assert found["message"] == "3.10.2 in `.venv`, and `requires-python` is `>=3.11`"


def test_a_requirement_that_is_no_version_is_a_problem(clinic: Clinic) -> None:
    pyproject = clinic.shop / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace(">=3.11", "three"))
    found = clinic.findings()["python"]
    assert (found["level"], found["hint"]) == ("problem", "write it as in `>=3.11`")


def test_without_an_environment_there_is_one_finding_and_uv_makes_it(clinic: Clinic) -> None:
    (clinic.shop / ".venv/bin/python").unlink()
    found = clinic.findings()
    assert found["python"]["hint"] == "`uv sync` creates it"
    assert set(found) == {"python", "uv", "lock", "ports"}


def test_the_active_environment_counts_where_the_project_has_none(
    clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (clinic.shop / ".venv").rename(tmp_path / "active")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    assert clinic.findings()["python"]["message"] == f"3.12.1 in `{tmp_path / 'active'}`"


def test_the_environment_that_uv_was_told_to_use_comes_first(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    (clinic.shop / ".venv").rename(clinic.shop / "other")
    clinic.interpreter("exit 1")
    monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", "other")
    assert clinic.findings()["python"]["message"] == "3.12.1 in `other`"


@pytest.mark.parametrize(
    ("script", "reason", "way_out"),
    [
        ("exit 3", "it ended with 3", "uv sync"),
        ("echo 'OSError: secret' >&2; exit 1", "it ended with 1: OSError", "uv sync"),
        ("exec /bin/sleep 20", "it did not end within 0 s", "something blocks"),
    ],
)
def test_an_interpreter_that_cannot_tell_is_a_problem(
    clinic: Clinic, script: str, reason: str, way_out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "PATIENCE", 0.3)
    clinic.interpreter(script)
    found = clinic.findings()["python"]
    assert found["level"] == "problem"
    assert found["message"].endswith(f"cannot examine the project: {reason}")
    assert way_out in found["hint"]


def test_an_interpreter_that_does_not_run_is_a_problem(clinic: Clinic) -> None:
    (clinic.shop / ".venv/bin/python").write_text("#!/no/such/interpreter\n")
    found = clinic.findings()["python"]
    assert found["message"].endswith("it does not run: No such file or directory")


def test_the_version_of_uv_is_told(clinic: Clinic) -> None:
    found = clinic.findings()
    assert (found["uv"]["level"], found["uv"]["message"]) == ("ok", "0.13.9")
    assert found["lock"]["message"] == "in step with `pyproject.toml`"


def test_without_uv_the_project_is_examined_all_the_same(clinic: Clinic) -> None:
    (clinic.programs / "uv").unlink()
    outcome = clinic.examine()
    found = {each["subject"]: each for each in outcome.json["findings"]}
    assert outcome.code == 0
    assert found["uv"]["level"] == "info"
    assert found["uv"]["hint"].startswith("install it: https://")
    assert "lock" not in found


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 1", "`uv.lock` is not in step with `pyproject.toml`"),
        ("echo 'error: Failed to parse' >&2; exit 2", "Failed to parse"),
        ("exit 101", "uv ended with 101"),
    ],
)
def test_a_lock_file_that_is_not_in_step_is_a_problem(
    clinic: Clinic, script: str, message: str
) -> None:
    clinic.program("uv", f'test "$1" = lock || {{ echo "uv 1.0"; exit; }}\n{script}')
    found = clinic.findings()["lock"]
    assert (found["level"], found["message"]) == ("problem", message)


def test_a_uv_that_waits_for_its_index_is_not_waited_for(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "PATIENCE", 0.3)
    write_script(clinic.programs / "uv", 'test "$1" = lock && exec /bin/sleep 20\necho "uv 1.0"')
    assert "did not end within" in clinic.findings()["lock"]["message"]
