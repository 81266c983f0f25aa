"""The bundled example beside each set of components that it makes use of."""

import json
import sys
from contextlib import chdir
from pathlib import Path

import pytest

import servers
from paxx import cli
from tests.e2e.conftest import GetShop
from tests.e2e.real import RealShop, run

pytestmark = pytest.mark.xdist_group("all")  # whose environment they share

SETTINGS = Path(__file__).with_name("schemathesis.toml")


@pytest.fixture(scope="module", params=["", "redis", "arq", "arq,redis"])
def shop(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, get_shop: GetShop
) -> RealShop:
    folder = tmp_path_factory.mktemp("example")
    options = ("--with", request.param) if request.param else ()
    where = ("--output-dir", str(folder), "--no-git", "--no-sync", "--yes")
    assert cli.run(("bootstrap", "shop", *where, *options)) == 0
    with chdir(folder / "shop"):
        assert cli.run(("feature", "add", "example_products", "--no-sync")) == 0
    (folder / "shop/.venv").symlink_to(get_shop("all").root / ".venv")
    return RealShop(folder / "shop")


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
    report = tmp_path / "report.json"
    program = str(Path(sys.executable).with_name("schemathesis"))
    options = ("--seed", "1", "--max-examples", "10", "--report-json-path", str(report))
    with shop.serve(env=env) as app:
        document = f"{app.url}/openapi.json"
        run(program, "--config-file", str(SETTINGS), "run", document, *options, cwd=tmp_path)
    result = json.loads(report.read_text())
    created = result["valid_rates"]["POST /example-products"]
    assert sum(phase["accepted"] for phase in created.values()) > 0
