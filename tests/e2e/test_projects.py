"""Bootstrapped projects: bare, with each component and with all of them, for real."""

import re

import pytest

import servers
from servers import free_port
from tests.e2e.conftest import NOBODY, VARIANTS
from tests.e2e.real import RealShop


def test_lint_is_clean(real_shop: RealShop) -> None:
    real_shop.tool("ruff", "check", ".")
    real_shop.tool("ruff", "format", "--check", ".")


@pytest.mark.nightly  # test_subsets.py checks types as well, in one environment for all
def test_strict_types_are_clean_with_nothing_else_installed(real_shop: RealShop) -> None:
    real_shop.tool("mypy", ".")


def test_its_own_tests_pass_with_no_server_running(real_shop: RealShop) -> None:
    printed = real_shop.tool("python", "-m", "pytest", "-q", env=NOBODY)
    assert re.search(r"\d+ passed", printed)


@pytest.fixture
def own_environment(variant: str, environment: dict[str, str]) -> dict[str, str]:
    """Return the settings for this variant: redis-py may not be there for WebSockets alone."""
    alone = {"arq", "redis"}.isdisjoint(VARIANTS[variant])
    return environment | ({"WS_REDIS_URL": ""} if alone else {})


def test_its_own_tests_pass_with_servers_and_none_is_skipped(
    variant: str,
    real_shop: RealShop,
    own_environment: dict[str, str],
    postgres: servers.Postgres,
) -> None:
    database = postgres.url_of(f"{variant}_test")  # which the tests create
    env = own_environment | {"REQUIRE_SERVERS": "1", "TEST_DATABASE_URL": database}
    printed = real_shop.tool("python", "-m", "pytest", "-q", "-rs", env=env)
    assert re.search(r"\d+ passed", printed)
    assert "skipped" not in printed, printed


ASKED = {
    "redis": {"arq", "redis", "websocket"},
    "postgres": {"database", "postgis"},
    "s3": {"storage"},
}
"""The checks of `/ready` that ask each server; metrics needs none to do its work."""


def test_it_starts_and_is_truthful_about_its_servers(
    variant: str,
    real_shop: RealShop,
    own_environment: dict[str, str],
    stoppable: dict[str, servers.Server],
) -> None:
    expected = {"database", *VARIANTS[variant]} - {"metrics"}
    with real_shop.serve(env=own_environment) as app:
        ready = app.wait_until("ready")
        assert ready.status == 200
        assert ready.json["checks"] == dict.fromkeys(expected, "ok")
        for name, server in stoppable.items():
            concerned = ASKED[name] & expected
            if not own_environment.get("WS_REDIS_URL"):
                concerned -= {"websocket"}
            if concerned:
                server.stop()
                is_critical = "database" in concerned
                try:
                    answer = app.wait_until("unavailable" if is_critical else "degraded")
                    assert answer.status == (503 if is_critical else 200)
                    app.wait_for("/health", 200)
                    checks = answer.json["checks"]
                    failing = {name for name, result in checks.items() if result != "ok"}
                    assert failing
                    assert failing <= concerned
                finally:
                    server.start_again()
                app.wait_until("ready")


def test_it_starts_with_no_server_running(real_shop: RealShop) -> None:
    nobody = f"postgresql+asyncpg://a:b@127.0.0.1:{free_port()}/shop"
    with real_shop.serve(env=NOBODY | {"DATABASE_URL": nobody}) as app:
        assert app.get("/health").status == 200
        assert app.wait_until("unavailable").status == 503
        assert app.get("/openapi.json").status == 200
        assert app.get("/docs").status == 200


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_outside_of_development_the_defaults_are_refused(
    real_shop: RealShop, environment: str
) -> None:
    code = "import settings"
    env = {"ENVIRONMENT": environment}
    printed = real_shop.tool(
        "python",
        "-c",
        f"""
try:
    {code}
except ValueError as error:
    print(error)
else:
    raise SystemExit('it started with default secrets')
""",
        env=env,
    )
    assert "secret_key" in printed.lower()
