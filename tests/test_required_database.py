"""A component that requires PostgreSQL shows it in the plan, and in `.env.example`."""

import pytest

from paxx.changes import Already, Unable
from paxx.edits import env, python
from tests.cases.by_hand import replace
from tests.harness import Outcome, Shop

COMPOSE = "docker-compose.yml"
EXAMPLE = ".env.example"
SQLITE = "DATABASE_URL=sqlite+aiosqlite:///./shop.db"
URL = "postgresql+asyncpg://shop:shop@localhost:5432/shop"
PROBLEM = "PostGIS requires PostgreSQL, but DATABASE_URL points to SQLite"


def manual(outcome: Outcome) -> dict[str, str]:
    """Return the steps that are left to the user by their kinds, with the reasons."""
    assert outcome.code == 5, outcome
    steps = outcome.json["steps"]
    return {step["kind"]: step["note"] for step in steps if step["status"] == "manual"}


def test_example_points_to_the_database_of_the_compose_file(shop: Shop) -> None:
    before = shop.tree()
    outcome = shop.add("postgis")
    assert outcome.code == 0
    assert f"warning: {PROBLEM}; set `DATABASE_URL={URL}` in `.env`\n" in outcome.stdout
    assert f"\nDATABASE_URL={URL}\n" in (shop / EXAMPLE).read_text()
    assert shop.add("postgis").stdout.startswith("nothing to do")
    assert shop.remove("postgis").code == 0
    assert shop.tree() == before


def test_example_has_the_credentials_of_the_service(shop: Shop) -> None:
    replace(shop, COMPOSE, 'POSTGRES_USER: "shop"', "POSTGRES_USER: ${PGUSER:-own}")
    replace(shop, COMPOSE, 'POSTGRES_PASSWORD: "shop"', 'POSTGRES_PASSWORD: "p@ss"')
    replace(shop, COMPOSE, "${DB_PORT:-5432}", "5433")
    assert shop.add("postgis").code == 0
    url = "DATABASE_URL=postgresql+asyncpg://own:p%40ss@localhost:5433/shop"
    assert f"\n{url}\n" in (shop / EXAMPLE).read_text()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            'POSTGRES_PASSWORD: "shop"',
            "POSTGRES_PASSWORD: ${PGPASSWORD}",
            "`${PGPASSWORD}` of `db` is set outside of the Compose file",
        ),
        (
            'POSTGRES_PASSWORD: "shop"',
            "POSTGRES_PASSWORD_FILE: /run/secrets/db",
            "`POSTGRES_PASSWORD` of `db` is not in the Compose file",
        ),
        (
            '    ports:\n      - "127.0.0.1:${DB_PORT:-5432}:5432"\n',
            "",
            "`db` publishes no fixed port on this machine",
        ),
    ],
)
def test_example_is_left_to_the_user_where_the_address_is_not_known(
    shop: Shop, old: str, new: str, reason: str
) -> None:
    replace(shop, COMPOSE, old, new)
    assert manual(shop.add("postgis", "--json")) == {"database": f"{PROBLEM}; {reason}"}
    assert SQLITE in (shop / EXAMPLE).read_text()


def test_of_several_databases_the_one_that_the_application_waits_for_is_shown(shop: Shop) -> None:
    other = "  old:\n    image: postgres:9\n    environment: {POSTGRES_PASSWORD: x}\n"
    replace(shop, COMPOSE, "services:\n", f"services:\n{other}")
    assert shop.add("postgis").code == 0
    assert f"\nDATABASE_URL={URL}\n" in (shop / EXAMPLE).read_text()


def test_without_a_service_the_address_is_left_to_the_user(shop: Shop) -> None:
    (shop / COMPOSE).write_text("services:\n  app:\n    build: .\n")
    outcome = shop.add("postgis", "--json")
    reason = "the Compose file has no PostgreSQL, or several"
    assert manual(outcome)["database"] == f"{PROBLEM}; {reason}"
    assert outcome.json["warnings"] == [f"{PROBLEM}; set `DATABASE_URL` in `.env`"]


@pytest.mark.parametrize(
    ("dotenv", "warnings"),
    [
        (f"DATABASE_URL={URL}\n", 0),
        (f"database_url={URL}\n", 0),
        (f"{SQLITE}\n", 1),
        ("DATABASE_URL=mysql://h/x\n", 1),
    ],
)
def test_what_is_used_decides_on_the_warning(shop: Shop, dotenv: str, warnings: int) -> None:
    (shop / ".env").write_text(dotenv)
    outcome = shop.add("postgis", "--dry-run")
    assert outcome.stdout.count("PostGIS requires PostgreSQL, but DATABASE_URL") == warnings


def test_project_that_uses_postgresql_is_left_alone(shop: Shop) -> None:
    default = 'database_url: str = "sqlite+aiosqlite:///./shop.db"'
    replace(shop, "settings.py", default, f'database_url: str = "{URL}"')
    replace(shop, EXAMPLE, SQLITE, f"DATABASE_URL={URL}")
    before = (shop / EXAMPLE).read_bytes()
    assert "requires PostgreSQL" not in shop.add("postgis").stdout
    assert (shop / EXAMPLE).read_bytes() == before


def test_variable_has_the_prefix_of_the_settings(shop: Shop) -> None:
    replace(shop, "settings.py", 'env_file=".env",', 'env_file=".env", env_prefix="SHOP_",')
    replace(shop, EXAMPLE, "DATABASE_URL=", "SHOP_DATABASE_URL=")
    outcome = shop.add("postgis")
    assert f"\nSHOP_DATABASE_URL={URL}\n" in (shop / EXAMPLE).read_text()
    assert f"set `SHOP_DATABASE_URL={URL}` in `.env`" in outcome.stdout


def test_feature_with_a_point_shows_what_it_requires(shop: Shop) -> None:
    shop.add("postgis")
    outcome = shop.run("feature", "create", "spots", "place:point", "--no-sync", "--allow-dirty")
    assert outcome.code == 0, outcome
    assert f"warning: {PROBLEM}; set `DATABASE_URL={URL}` in `.env`\n" in outcome.stdout


def test_feature_without_a_point_requires_nothing(shop: Shop) -> None:
    shop.add("postgis")
    outcome = shop.run("feature", "create", "spots", "name:str", "--no-sync", "--allow-dirty")
    assert "requires PostgreSQL" not in outcome.stdout


def test_settings_that_do_not_parse_are_not_edited_and_stop_nothing(shop: Shop) -> None:
    (shop / "settings.py").write_text("settings = (\n")
    outcome = shop.add("postgis")
    assert outcome.code == 0
    assert "requires PostgreSQL" not in outcome.stdout
    assert shop.add("redis").code == 3


def test_without_a_compose_file_the_address_is_left_to_the_user(shop: Shop) -> None:
    (shop / COMPOSE).unlink()
    assert "database" in manual(shop.add("postgis", "--json"))


def test_another_database_than_sqlite_is_not_replaced() -> None:
    outcome = env.replace_database("DATABASE_URL=mysql://h/x\n", "DATABASE_URL", URL, "PostGIS")
    problem = "PostGIS requires PostgreSQL, but DATABASE_URL points to MySQL"
    assert outcome == Unable(problem, f"DATABASE_URL={URL}")


@pytest.mark.parametrize("text", ["", "# DATABASE_URL=sqlite://\n", f"DATABASE_URL='{URL}'\n"])
def test_nothing_that_points_elsewhere_needs_no_edit(text: str) -> None:
    assert env.replace_database(text, "DATABASE_URL", URL, "PostGIS") == Already()


HEAD = "from pydantic_settings import BaseSettings\n\n\n"


@pytest.mark.parametrize(
    ("body", "default"),
    [
        ("class Settings(BaseSettings):\n    url: str = 'x'\n", "x"),
        ("class Settings(BaseSettings):\n    url: str = make()\n", ""),
        ("class Settings(BaseSettings):\n    url: int = 1\n", ""),
        ("class Settings(BaseSettings):\n    url: str\n", ""),
        ("class Settings(BaseSettings):\n    other: str = 'x'\n", ""),
        ("class Settings: ...\n", ""),
    ],
)
def test_default_of_a_field_is_its_text(body: str, default: str) -> None:
    assert python.field_default(HEAD + body, "url") == default
