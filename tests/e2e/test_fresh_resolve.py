"""Generated projects on the newest releases that resolve today, and on their lowest floors.

`python3 dev.py fresh` runs this alone, before a release and every week. The tests of a change use
the newest releases, too: test_projects.py resolves them anew.
"""

import re

import pytest

import servers
from paxx import catalog
from tests.e2e.combinations import FEATURES
from tests.e2e.features import create
from tests.e2e.real import RealShop, make

pytestmark = pytest.mark.nightly

RESOLUTIONS = ("highest", "lowest-direct")
CREATED = {
    name: fields
    for name, fields in FEATURES.items()
    if name in {"documents", "measurements", "rates"}
}
"""Features with the types that depend most on what is installed: JSON, times, numbers."""


@pytest.fixture(scope="module", params=RESOLUTIONS)
def resolved(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    postgres: servers.Postgres,
) -> RealShop:
    """Return a project with all there is, whose environment was resolved just now."""
    folder = tmp_path_factory.mktemp(request.param)
    newest = ("--upgrade", "--resolution", request.param)
    shop = make(folder, *catalog.names(), sync=newest)
    create(shop, CREATED, ("example_products",))
    env = {"DATABASE_URL": postgres.create_database(f"resolved_{shop.root.parent.name}")}
    shop.tool("alembic", "upgrade", "head", env=env)
    shop.tool("alembic", "revision", "--autogenerate", "-m", "Add features", env=env)
    return shop


@pytest.mark.xdist_group("fresh resolve")
class TestFreshResolve:
    """What has to hold on both ends of the range of versions."""

    def test_own_tests_pass(
        self, resolved: RealShop, environment: dict[str, str], postgres: servers.Postgres
    ) -> None:
        database = postgres.url_of(f"test_{resolved.root.parent.name}")  # which the tests create
        env = environment | {"REQUIRE_SERVERS": "1", "TEST_DATABASE_URL": database}
        assert re.search(r"\d+ passed", resolved.tool("python", "-m", "pytest", "-q", env=env))

    def test_requests_are_answered_over_a_socket(
        self, resolved: RealShop, environment: dict[str, str]
    ) -> None:
        with resolved.serve(env=environment) as app:
            assert app.get("/health").json == {"status": "ok"}
            checks = app.wait_until("ready").json["checks"]
            asked = {"database", *catalog.names()} - {"metrics"}
            assert checks == dict.fromkeys(asked, "ok")
            assert app.get("/nowhere").status == 404
            assert app.get("/openapi.json").status == 200
            assert b"http_requests_total" in app.get("/metrics").body

    def test_lint_and_strict_types_hold(self, resolved: RealShop) -> None:
        resolved.tool("ruff", "check", ".")
        resolved.tool("mypy", ".")
