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


def test_production_refuses_the_default_secret() -> None:
    with pytest.raises(ValidationError, match="SECRET_KEY must be set"):
        settings(database_url=DATABASE, secret_key="change-me")


@pytest.mark.parametrize("password", ["", ":postgres", ":password"])
def test_production_refuses_a_development_password(password: str) -> None:
    url = f"postgresql+asyncpg://shop{password}@db/shop"
    with pytest.raises(ValidationError, match="DATABASE_URL has a development password"):
        settings(secret_key=SECRET, database_url=url)


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "")
    assert Settings(_env_file=None).log_level == "INFO"
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    with pytest.raises(ValidationError):
        Settings(_env_file=None)


def test_the_secret_is_not_printed() -> None:
    assert SECRET not in repr(settings(secret_key=SECRET, database_url=DATABASE))
    with pytest.raises(ValidationError) as refusal:
        settings(secret_key=SECRET, database_url="postgresql+asyncpg://shop:postgres@db/shop")
    assert SECRET not in str(refusal.value)
