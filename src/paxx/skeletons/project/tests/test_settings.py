"""Settings."""

import pytest
from pydantic import ValidationError

from settings import Settings

SECRET = "an-actual-secret-of-32-characters"
DATABASE = "postgresql+asyncpg://shop:a-long-password@db/shop"


def settings(**values: str) -> Settings:
    return Settings.model_validate({"environment": "production", **values})


def test_production_starts_with_secrets_of_its_own() -> None:
    assert settings(secret_key=SECRET, database_url=DATABASE).environment == "production"


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_default_secret_is_for_development_alone(environment: str) -> None:
    with pytest.raises(ValidationError, match=f"={environment}: SECRET_KEY must be set"):
        settings(environment=environment, database_url=DATABASE, secret_key="change-me")


@pytest.mark.parametrize("environment", ["staging", "production"])
@pytest.mark.parametrize("password", [":", ":postgres", ":password"])
def test_a_development_password_is_for_development_alone(password: str, environment: str) -> None:
    url = f"postgresql+asyncpg://shop{password}@db/shop"
    with pytest.raises(ValidationError, match=f"={environment}: DATABASE_URL has a development"):
        settings(environment=environment, secret_key=SECRET, database_url=url)


def test_all_problems_are_in_one_error() -> None:
    with pytest.raises(ValidationError, match=r"SECRET_KEY must have .*; DATABASE_URL has"):
        settings(secret_key="short", database_url="postgresql+asyncpg://shop:shop@db/shop")


def test_a_database_may_have_no_password() -> None:
    url = "postgresql+asyncpg://shop@db/shop"  # a certificate or the platform identifies it
    assert settings(secret_key=SECRET, database_url=url).database_url == url


@pytest.mark.parametrize(
    ("environment", "docs_enabled", "has_docs"),
    [("development", None, True), ("production", None, False), ("production", True, True)],
)
def test_docs_are_served_in_development_or_when_enabled(
    environment: str, docs_enabled: bool | None, has_docs: bool
) -> None:
    values = {"secret_key": SECRET, "database_url": DATABASE, "environment": environment}
    assert Settings.model_validate({**values, "docs_enabled": docs_enabled}).has_docs is has_docs


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "")
    assert Settings(_env_file=None).log_level == "INFO"
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    with pytest.raises(ValidationError):
        Settings(_env_file=None)


def test_secrets_are_not_printed() -> None:
    printed = repr(settings(secret_key=SECRET, database_url=DATABASE))
    assert "environment='production'" in printed
    assert SECRET not in printed
    assert "a-long-password" not in printed
    with pytest.raises(ValidationError) as refusal:
        settings(secret_key=SECRET, database_url="postgresql+asyncpg://shop:postgres@db/shop")
    assert SECRET not in str(refusal.value)
