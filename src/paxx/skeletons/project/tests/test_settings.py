"""Settings."""

import pytest
from pydantic import ValidationError

from settings import Settings

SECRET = "an-actual-secret"
DATABASE = "postgresql+asyncpg://shop:a-long-password@db/shop"


def settings(**values: str) -> Settings:
    return Settings.model_validate({"environment": "production", **values})


def test_production_starts_with_secrets_of_its_own() -> None:
    assert settings(secret_key=SECRET, database_url=DATABASE).environment == "production"


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_default_secret_is_for_development_alone(environment: str) -> None:
    with pytest.raises(ValidationError, match=f"SECRET_KEY must be set .*={environment}"):
        settings(environment=environment, database_url=DATABASE, secret_key="change-me")


@pytest.mark.parametrize("environment", ["staging", "production"])
@pytest.mark.parametrize("password", ["", ":postgres", ":password"])
def test_a_development_password_is_for_development_alone(password: str, environment: str) -> None:
    url = f"postgresql+asyncpg://shop{password}@db/shop"
    with pytest.raises(ValidationError, match=f"a development password in {environment}"):
        settings(environment=environment, secret_key=SECRET, database_url=url)


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
