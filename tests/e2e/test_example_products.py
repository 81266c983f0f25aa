"""The bundled example beside each set of components that it makes use of."""

from pathlib import Path

import pytest

import servers
from tests.e2e.conftest import GetShop
from tests.e2e.features import accepted, bootstrapped, create, examined
from tests.e2e.real import RealShop

pytestmark = pytest.mark.xdist_group("all")  # whose environment they share


COMPONENTS = [
    pytest.param("", marks=pytest.mark.nightly),
    pytest.param("redis", marks=pytest.mark.nightly),
    pytest.param("arq", marks=pytest.mark.nightly),
    "arq,redis",
]


@pytest.fixture(scope="module", params=COMPONENTS)
def shop(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, get_shop: GetShop
) -> RealShop:
    folder = tmp_path_factory.mktemp("example")
    made = bootstrapped(folder, *(("--with", request.param) if request.param else ()))
    create(made, {}, ("example_products",))
    (made.root / ".venv").symlink_to(get_shop("all").root / ".venv")
    return made


def queues(redis: servers.Redis) -> dict[str, str]:
    return {"REDIS_URL": redis.url, "ARQ_REDIS_URL": redis.url.replace("/0", "/1")}


def test_lint_and_strict_types_are_clean(shop: RealShop) -> None:
    shop.tool("ruff", "check", ".")
    shop.tool("ruff", "format", "--check", ".")
    shop.tool("mypy", ".")


def test_its_own_tests_pass_without_a_server_and_with_all(
    shop: RealShop, redis: servers.Redis, postgres: servers.Postgres
) -> None:
    database = postgres.create_database(f"example_{shop.root.parent.name}")
    real = {"TEST_DATABASE_URL": database, "REQUIRE_SERVERS": "1", **queues(redis)}
    nobody = dict.fromkeys(queues(redis), "redis://127.0.0.1:9/0")
    for env in (nobody, {**real, "TEST_DATABASE_URL": "sqlite+aiosqlite:///:memory:"}, real):
        arguments = ("-m", "pytest", "-q", "tests/features")
        printed = shop.tool("python", *arguments, env=env)
        assert " passed" in printed
        needs_servers = any((shop.root / "core" / each).exists() for each in ("arq.py", "cache.py"))
        assert ("skipped" in printed) is (env == nobody and needs_servers)


def test_every_request_is_answered_as_documented_by_what_is_migrated(
    shop: RealShop, redis: servers.Redis, postgres: servers.Postgres, tmp_path: Path
) -> None:
    env = queues(redis) | {
        "DATABASE_URL": postgres.create_database(f"requests_{shop.root.parent.name}")
    }
    shop.tool("alembic", "revision", "--autogenerate", "-m", "Add example products", env=env)
    shop.tool("alembic", "upgrade", "head", env=env)
    shop.tool("alembic", "check", env=env)
    report = examined(shop, env, tmp_path, 10)
    assert accepted(report)["POST /example-products"] > 0
