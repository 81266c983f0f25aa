"""Variables are recognised and named by the rule of the project's own Settings class."""

from typing import Any

import pytest

from tests.cases.by_hand import replace
from tests.harness import Outcome, Shop

COMPOSE = "docker-compose.yml"
EXAMPLE = ".env.example"
CONFIG = 'SettingsConfigDict(\n        env_file=".env",'
OURS = "REDIS_URL=redis://localhost:6379/0"


def configure(shop: Shop, options: str, above: str = "") -> dict[str, bytes]:
    """Give `model_config` further options; return the files as they are."""
    replace(shop, "settings.py", CONFIG, f"{CONFIG}\n        {options},")
    replace(shop, "settings.py", "class Settings(", f"{above}\n\nclass Settings(")
    return shop.tree()


def append(shop: Shop, path: str, line: str) -> None:
    """Put a line at the end of a file."""
    with (shop / path).open("a") as file:
        file.write(f"{line}\n")


def application(shop: Shop) -> str:
    """Return the Compose file up to the service behind the application."""
    return (shop / COMPOSE).read_text().partition("\n  db:")[0]


def manual(outcome: Outcome) -> dict[str, Any]:
    """Return the steps that are left to the user by their kinds."""
    assert outcome.code == 5, outcome
    return {step["kind"]: step for step in outcome.json["steps"] if step["status"] == "manual"}


@pytest.mark.parametrize("name", ["redis_url", "Redis_Url", "export redis_url"])
def test_variable_in_another_spelling_is_kept(shop: Shop, name: str) -> None:
    append(shop, EXAMPLE, f"{name}=redis://cache.internal:6379/3")
    before = shop.tree()
    outcome = shop.add("redis")
    spelled = name.removeprefix("export ")
    assert outcome.code == 0
    assert f"your value of `{spelled}` is kept" in outcome.stdout
    assert "REDIS_URL" not in (shop / EXAMPLE).read_text()
    assert "REDIS_KEY_PREFIX=" in (shop / EXAMPLE).read_text()
    assert f"      {spelled}: redis://redis:6379/0\n" in application(shop)
    assert shop.add("redis").stdout.startswith("nothing to do")
    assert shop.remove("redis").code == 0
    assert shop.tree() == before


@pytest.mark.parametrize("form", ["      redis_url: redis://own", "      - redis_url=redis://own"])
def test_variable_of_the_application_in_another_spelling_is_kept(shop: Shop, form: str) -> None:
    text = (shop / COMPOSE).read_text()
    section = text[text.index("      DATABASE_URL") : text.index("    depends_on")]
    (shop / COMPOSE).write_text(text.replace(section, f"{form}\n"))
    before = shop.tree()
    outcome = shop.add("redis")
    assert outcome.code == 0
    assert "your `redis_url` is kept" in outcome.stdout
    assert "REDIS_URL" not in application(shop)
    assert shop.remove("redis").code == 0
    assert shop.tree() == before


def test_same_value_in_another_spelling_needs_no_report(shop: Shop) -> None:
    append(shop, EXAMPLE, OURS.lower())
    outcome = shop.add("redis")
    assert "is kept" not in outcome.stdout


def test_spelling_of_dotenv_counts_for_the_application(shop: Shop) -> None:
    (shop / ".env").write_text("redis_url=redis://localhost:6379/0\n")
    outcome = shop.add("redis")
    assert "warning: `.env` sets `redis_url`; it is kept as it is" in outcome.stdout
    assert "      redis_url: redis://redis:6379/0\n" in application(shop)
    removed = shop.remove("redis")
    assert "delete `redis_url` from `.env`" in removed.stdout


def test_variable_that_was_spelled_otherwise_since_is_left_and_listed(shop: Shop) -> None:
    shop.add("redis")
    replace(shop, EXAMPLE, OURS, OURS.replace("REDIS_URL", "redis_url"))
    replace(shop, COMPOSE, "REDIS_URL", "redis_url")
    outcome = shop.remove("redis", "--json")
    assert manual(outcome)["environment"]["note"] == "your `REDIS_URL` stays"
    assert "redis_url" not in application(shop)
    assert "redis_url=" in (shop / EXAMPLE).read_text()


def test_spelling_counts_where_the_class_is_case_sensitive(shop: Shop) -> None:
    configure(shop, "case_sensitive=True")
    append(shop, EXAMPLE, OURS)
    (shop / ".env").write_text("REDIS_URL=x\n")
    outcome = shop.add("redis")
    assert "`.env` sets" not in outcome.stdout
    assert "\nredis_url=redis://localhost:6379/0\n" in (shop / EXAMPLE).read_text()
    assert "      redis_url: redis://redis:6379/0\n" in application(shop)
    assert "delete `" not in shop.remove("redis").stdout


def test_prefix_of_a_named_configuration_is_written(shop: Shop) -> None:
    text = (shop / "settings.py").read_text()
    start, end = text.index("    model_config"), text.index("    # Database")
    common = 'COMMON = SettingsConfigDict(env_file=".env", env_prefix="SHOP_")\n\n\nclass Settings('
    text = f"{text[:start]}    model_config = COMMON\n\n{text[end:]}"
    (shop / "settings.py").write_text(text.replace("class Settings(", common))
    before = shop.tree()
    assert shop.add("redis").code == 0
    assert f"\nSHOP_{OURS}\n" in (shop / EXAMPLE).read_text()
    assert "      SHOP_REDIS_URL: redis://redis:6379/0\n" in application(shop)
    assert shop.remove("redis").code == 0
    assert shop.tree() == before


@pytest.mark.parametrize(
    ("options", "above", "name"),
    [
        ("alias_generator=to_camel", "from pydantic.alias_generators import to_camel", "REDISURL"),
        ("**COMMON", 'COMMON = {"env_prefix": "SHOP_"}', "SHOP_REDIS_URL"),
        ('env_prefix=f"{NAME}_"', 'NAME = "SHOP"', "SHOP_REDIS_URL"),
    ],
)
def test_name_is_the_one_that_the_class_reads(
    shop: Shop, options: str, above: str, name: str
) -> None:
    before = configure(shop, options, above)
    assert shop.add("redis").code == 0
    assert f"\n{name}=redis://localhost:6379/0\n" in (shop / EXAMPLE).read_text()
    assert f"      {name}: redis://redis:6379/0\n" in application(shop)
    assert shop.remove("redis").code == 0
    assert shop.tree() == before


def test_names_that_are_not_known_are_left_to_the_user(shop: Shop) -> None:
    before = configure(shop, "env_prefix=PREFIX", "from core import PREFIX")
    steps = manual(shop.add("redis", "--json"))
    reason = "`env_prefix` of `Settings` is not a constant of its module"
    assert {step["note"] for step in steps.values()} == {reason}
    assert steps.keys() == {"environment", "app environment"}
    assert f"\n{OURS}\n" in steps["environment"]["snippet"]
    assert "REDIS" not in (shop / EXAMPLE).read_text() + application(shop)
    removed = shop.remove("redis")
    assert (removed.code, shop.tree()) == (0, before)


def test_unknown_names_that_are_added_are_no_longer_left(shop: Shop) -> None:
    configure(shop, "env_prefix=PREFIX", "from core import PREFIX")
    shop.add("redis")
    append(shop, EXAMPLE, f"OWN_{OURS}\nOWN_REDIS_KEY_PREFIX=shop:")
    variables = "      OWN_REDIS_URL: redis://redis:6379/0\n      ENVIRONMENT:"
    replace(shop, COMPOSE, "      ENVIRONMENT:", variables)
    outcome = shop.add("redis", "--json")
    assert (outcome.code, outcome.json["changes"]) == (0, [])


def test_field_that_is_there_is_configured_by_its_alias(shop: Shop) -> None:
    field = '    redis_url: str = Field("x", validation_alias=AliasChoices("CACHE", "KV"))\n'
    replace(shop, "settings.py", "    # Database\n", f"{field}    # Database\n")
    replace(
        shop, "settings.py", "from pydantic import", "from pydantic import AliasChoices, Field,"
    )
    append(shop, EXAMPLE, "kv=redis://cache.internal:6379/3")
    outcome = shop.add("redis")
    assert outcome.code == 0
    assert "your value of `kv` is kept" in outcome.stdout
    assert "CACHE" not in (shop / EXAMPLE).read_text()
    assert "      kv: redis://redis:6379/0\n" in application(shop)


def test_only_the_setting_of_an_unknown_name_is_left_to_the_user(shop: Shop) -> None:
    field = '    redis_url: str = Field("x", alias=CACHE)\n'
    replace(shop, "settings.py", "    # Database\n", f"{field}    # Database\n")
    replace(
        shop,
        "settings.py",
        "from pydantic import",
        "from core import CACHE\nfrom pydantic import Field,",
    )
    steps = manual(shop.add("redis", "--json"))
    assert steps["environment"]["key"] == "REDIS_URL"
    assert "REDIS_KEY_PREFIX=" in (shop / EXAMPLE).read_text()
