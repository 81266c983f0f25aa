"""Created features, twenty of them in a project, on SQLite and on PostgreSQL with PostGIS."""

import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

import servers
from tests.e2e.combinations import FEATURES, PLACES
from tests.e2e.conftest import GetShop
from tests.e2e.features import accepted, bootstrapped, create, examined
from tests.e2e.migrated import QUERY
from tests.e2e.real import RealShop

pytestmark = pytest.mark.xdist_group("postgis")  # whose environment they share

RACE = """
import asyncio
from core.errors import AppError
from core.etags import etag
from db.database import engine, session_factory
from features.switches import service
from features.switches.schemas import SwitchCreate, SwitchUpdate

async def lose(name, if_match, *arguments):
    async with session_factory.begin() as session:
        key = (await service.create(session, SwitchCreate(is_on=True))).id
    async with session_factory() as mine, session_factory() as theirs:
        checked = await service.get(mine, key)
        await service.update(theirs, key, SwitchUpdate(is_on=False), etag(1))
        await theirs.commit()
        try:
            await getattr(service, name)(mine, key, *arguments, if_match)
        except AppError as error:
            print(error.status.value)
        await mine.rollback()

async def main():
    for if_match in (etag(1), "*"):
        await lose("update", if_match, SwitchUpdate(maybe=True))
        await lose("delete", if_match)
    await engine.dispose()

asyncio.run(main())
"""
CASES = 2_000
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Subject:
    """A project, how many features it has, and addresses of empty databases by their name."""

    shop: RealShop
    features: int
    databases: Mapping[str, str]

    def alembic(self, *arguments: str, on: str) -> str:
        """Run Alembic on a database."""
        return self.shop.tool("alembic", *arguments, env={"DATABASE_URL": self.databases[on]})


@pytest.fixture(
    scope="module", params=[pytest.param("sqlite", marks=pytest.mark.nightly), "postgresql"]
)
def subject(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, get_shop: GetShop
) -> Subject:
    """Return a project whose first migration is written, in the environment of another one."""
    folder = tmp_path_factory.mktemp(request.param)
    names = ("own_tests", "migrations", "requests", "view")
    if request.param == "sqlite":
        shop = bootstrapped(folder)
        create(shop, FEATURES)
        databases = {name: f"sqlite+aiosqlite:///{folder}/{name}.db" for name in names}
    else:
        server: servers.Postgres = request.getfixturevalue("postgres")
        shop = bootstrapped(folder, "--with", "postgis")
        create(shop, {**FEATURES, **PLACES})
        databases = {name: server.create_database(f"features_{name}") for name in names[1:]}
        databases[names[0]] = server.url_of(f"features_{names[0]}")  # which the tests create
    (shop.root / ".venv").symlink_to(get_shop("postgis").root / ".venv")
    made = Subject(shop, len(list((shop.root / "features").glob("*/models.py"))), databases)
    made.alembic("revision", "--autogenerate", "-m", "Begin", on="migrations")
    return made


def test_lint_and_strict_types_are_clean(subject: Subject) -> None:
    subject.shop.tool("ruff", "check", ".")
    subject.shop.tool("ruff", "format", "--check", ".")
    subject.shop.tool("mypy", ".")


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.nightly), 2])
def test_their_own_tests_pass(
    subject: Subject, step: int, record_property: Callable[..., None]
) -> None:
    database = subject.databases["own_tests"]
    env = {"TEST_DATABASE_URL": database, "REQUIRE_SERVERS": "1"}
    folders = map(str, sorted((subject.shop.root / "tests" / "features").glob("*/"))[::step])
    printed = subject.shop.tool("python", "-m", "pytest", "-q", "-rs", *folders, env=env)
    assert "skipped" not in printed, printed
    passed = re.search(r"(\d+) passed", printed)
    assert passed, printed
    record_property("tests of their own", int(passed[1]))


def test_their_own_tests_refuse_a_database_that_is_not_empty(subject: Subject) -> None:
    subject.alembic("upgrade", "head", on="requests")
    migrated = subject.alembic("current", on="requests")
    view = "CREATE VIEW seen AS SELECT 1 AS one"
    subject.shop.tool("python", "-c", QUERY, view, env={"DATABASE_URL": subject.databases["view"]})
    for name, found in (("requests", ".*orders.*"), ("view", "seen")):
        env = {"TEST_DATABASE_URL": subject.databases[name]}
        refused = f"4\n.*is not empty: {found}\nhint: name a database that does"
        with pytest.raises(AssertionError, match=refused):
            subject.shop.tool("python", "-m", "pytest", "-q", env=env)
    assert subject.alembic("current", on="requests") == migrated
    assert "No new upgrade operations" in subject.alembic("check", on="requests")


def test_workers_of_their_own_tests_use_a_database_each(subject: Subject) -> None:
    def passed(worker: str) -> str:
        database = subject.databases["own_tests"]
        env = {"TEST_DATABASE_URL": database, "PYTEST_XDIST_WORKER": worker}
        arguments = ("-m", "pytest", "-q", "tests/core/test_pages.py")
        return subject.shop.tool("python", *arguments, env=env)

    with ThreadPoolExecutor() as pool:
        for printed in pool.map(passed, ("gw0", "gw1")):
            assert "passed" in printed


def test_the_migration_goes_up_down_and_up_again_and_is_complete(subject: Subject) -> None:
    subject.alembic("upgrade", "head", on="migrations")
    subject.alembic("check", on="migrations")
    subject.alembic("downgrade", "base", on="migrations")
    subject.alembic("upgrade", "head", on="migrations")
    assert "No new upgrade operations" in subject.alembic("check", on="migrations")


def test_a_version_that_changes_behind_its_check_fails_the_precondition(subject: Subject) -> None:
    subject.alembic("upgrade", "head", on="requests")
    env = {"DATABASE_URL": subject.databases["requests"]}
    printed = subject.shop.tool("python", "-c", RACE, env=env)
    assert printed.split() == ["412", "412", "409", "409"]


def test_requests_of_every_kind_are_answered_as_documented(
    subject: Subject, tmp_path: Path, record_property: Callable[..., None]
) -> None:
    subject.alembic("upgrade", "head", on="requests")
    env = {"DATABASE_URL": subject.databases["requests"]}
    report = examined(subject.shop, env, tmp_path, EXAMPLES)
    cases = report["test_cases"]["generated"]
    assert cases >= CASES
    created = list(accepted(report).values())
    assert len(created) == subject.features
    # Both rows that an order item refers to have to be there, which is luck.
    assert created.count(0) <= 1, report["valid_rates"]
    record_property("cases", cases)
    record_property("rows created", sum(created))
