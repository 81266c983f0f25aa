"""Settings against the environment and `.env`, as `paxx doctor` sees them."""

import pytest

from tests.doctor.conftest import Clinic


def wrong(variable: str, message: str = "is wrong", *, missing: bool = False) -> dict[str, object]:
    return {"variable": variable, "message": message, "missing": missing}


def test_valid_settings_are_told_with_where_they_come_from(clinic: Clinic) -> None:
    found = clinic.findings()["settings"]
    assert (found["level"], found["message"]) == ("ok", "read from `.env` and the environment")


def test_a_value_that_the_settings_refuse_is_a_problem(clinic: Clinic) -> None:
    clinic.tells(invalid=[wrong("LOG_FORMAT", "should be 'text' or 'json'")])
    found = clinic.findings()["LOG_FORMAT"]
    assert found["level"] == "problem"
    assert found["message"] == "should be 'text' or 'json'"
    assert found["hint"] == "correct it in `.env`"


def test_a_wrong_value_of_the_environment_is_corrected_there(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("log_format", "xml")
    clinic.tells(invalid=[wrong("LOG_FORMAT")])
    assert "correct it in the environment" in clinic.findings()["LOG_FORMAT"]["hint"]


def test_what_concerns_several_settings_is_a_problem_of_the_settings(clinic: Clinic) -> None:
    clinic.tells(
        invalid=[wrong("", "not safe with ENVIRONMENT=production: SECRET_KEY must be set")]
    )
    assert clinic.findings()["settings"]["level"] == "problem"


@pytest.mark.parametrize(
    ("variable", "hint"),
    [
        ("SECRET_KEY", "set it in `.env`, as `.env.example` shows"),
        ("OWN_KEY", "set it in `.env`"),
    ],
)
def test_a_setting_without_a_value_and_a_default_is_a_problem(
    clinic: Clinic, variable: str, hint: str
) -> None:
    clinic.tells(invalid=[wrong(variable, missing=True)])
    found = clinic.findings()[variable]
    assert (found["level"], found["hint"]) == ("problem", hint)


def test_a_line_that_is_not_read_is_a_problem(clinic: Clinic) -> None:
    clinic.tells(unreadable=[".env:7"])
    found = clinic.findings()
    assert found[".env:7"]["level"] == "problem"
    assert "settings" not in found


def test_a_misspelt_variable_is_a_problem(clinic: Clinic) -> None:
    clinic.tells(unknown=["DATABSE_URL"], known=["DATABASE_URL", "LOG_LEVEL"])
    found = clinic.findings()["DATABSE_URL"]
    assert (found["level"], found["hint"]) == ("problem", "did you mean `DATABASE_URL`?")


def test_a_variable_of_something_else_is_no_problem(clinic: Clinic) -> None:
    clinic.tells(unknown=["SENTRY_DSN"], known=["DATABASE_URL"])
    found = clinic.findings()["SENTRY_DSN"]
    assert found["level"] == "info"


def test_variables_of_the_compose_file_and_of_compose_itself_are_known(clinic: Clinic) -> None:
    clinic.tells(unknown=["DB_PORT", "COMPOSE_PROJECT_NAME"], known=[])
    assert not {"DB_PORT", "COMPOSE_PROJECT_NAME"} & set(clinic.findings())


def test_without_a_dotenv_file_the_example_is_shown(clinic: Clinic) -> None:
    clinic.tells(dotenv=[])
    found = clinic.findings()
    assert found["settings"]["message"] == "read from the environment"
    assert found[".env"]["level"] == "info"
    assert found[".env"]["hint"] == "`cp .env.example .env`, then fill it in"


def test_a_project_with_neither_of_the_files_is_not_told_to_copy_one(clinic: Clinic) -> None:
    (clinic.shop / ".env.example").unlink()
    clinic.tells(dotenv=[])
    assert ".env" not in clinic.findings()


@pytest.mark.parametrize(
    ("failure", "hint"),
    [
        ("ModuleNotFoundError: No module named 'redis'", "`uv sync` installs what"),
        ("NameError: name 'x' is not defined", "`uv run python -c 'import wiring'` shows where"),
    ],
)
def test_a_project_that_cannot_be_imported_is_a_problem(
    clinic: Clinic, failure: str, hint: str
) -> None:
    clinic.tells(failure=failure)
    found = clinic.findings()
    assert found["project"]["message"] == f"cannot be imported: {failure}"
    assert found["project"]["hint"].startswith(hint)
    assert "settings" not in found


def test_a_project_that_writes_when_it_is_imported_is_not_asked(clinic: Clinic) -> None:
    refused = {"path": "app.log", "permitted": True}
    clinic.tells(failure="RefusedError", refused=refused)
    found = clinic.findings()["project"]
    assert found["level"] == "info"
    assert "`app.log`" in found["message"]
