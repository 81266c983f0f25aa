"""Real projects and real servers, made once and shared by the tests of a worker."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

import servers
from paxx import catalog
from servers import free_port
from tests.e2e.migrated import Database, Site, copied
from tests.e2e.real import RealShop, make
from tests.harness import Run

VARIANTS: dict[str, tuple[str, ...]] = {
    "bare": (),
    "example": (),
    **{name: (name,) for name in catalog.names()},
    "all": catalog.names(),
}

NOBODY = {
    "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
    "ARQ_REDIS_URL": f"redis://127.0.0.1:{free_port()}/1",
    "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{free_port()}",
}
"""Settings of a machine on which no server runs."""

FOR_A_CHANGE = {"bare", "example", "all"}
"""Each component alone is a project of the nightly run; test_subsets.py has several together."""

GetShop = Callable[[str], RealShop]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests that take a `variant` once for each; those of one variant share a worker."""
    if "variant" in metafunc.fixturenames:
        variants = [pytest.param(variant, marks=_marks_of(variant)) for variant in VARIANTS]
        metafunc.parametrize("variant", variants)


def _marks_of(variant: str) -> list[pytest.MarkDecorator]:
    group = pytest.mark.xdist_group(variant)
    return [group] if variant in FOR_A_CHANGE else [group, pytest.mark.nightly]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here as end to end."""
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker("e2e")


@pytest.fixture(scope="session")
def get_shop(tmp_path_factory: pytest.TempPathFactory) -> GetShop:
    """Return a function that gives the project of a variant, made when first asked for."""
    made: dict[str, RealShop] = {}

    def get(variant: str) -> RealShop:
        if variant not in made:
            options = ("--example",) if variant == "example" else ()
            folder = tmp_path_factory.mktemp(variant)
            made[variant] = make(folder, *VARIANTS[variant], options=options)
        return made[variant]

    return get


@pytest.fixture
def real_shop(variant: str, get_shop: GetShop) -> RealShop:
    """Return the project of this variant."""
    return get_shop(variant)


@pytest.fixture
def full_shop(get_shop: GetShop) -> RealShop:
    """Return the project with all components."""
    return get_shop("all")


@pytest.fixture(scope="session")
def redis() -> Iterator[servers.Redis]:
    """Return a Redis server; a test that stops it starts it again."""
    with servers.Redis.start() as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Postgres]:
    """Return a PostgreSQL server with PostGIS; a test that stops it starts it again."""
    try:
        started = servers.Postgres.start(postgis=True)
    except servers.ServerError as error:
        pytest.skip(str(error))
    with started as server:
        yield server


@pytest.fixture(scope="session")
def s3() -> Iterator[servers.S3]:
    """Return an S3 server with a bucket; a test that stops it starts it again."""
    with servers.S3.start() as server:
        yield server


@pytest.fixture
def stoppable(
    redis: servers.Redis, postgres: servers.Postgres, s3: servers.S3
) -> dict[str, servers.Server]:
    """Return the servers that an application uses, for a test that stops them one by one."""
    return {"redis": redis, "postgres": postgres, "s3": s3}


@pytest.fixture
def environment(redis: servers.Redis, postgres: servers.Postgres, s3: servers.S3) -> dict[str, str]:
    """Return the settings with which an application reaches the real servers."""
    return {
        "DATABASE_URL": postgres.url,
        "REDIS_URL": redis.url,
        "ARQ_REDIS_URL": redis.url.replace("/0", "/1"),
        "WS_REDIS_URL": redis.url.replace("/0", "/2"),
        "STORAGE_BACKEND": "s3",
        "STORAGE_S3_BUCKET": s3.bucket,
        "STORAGE_S3_ENDPOINT_URL": s3.endpoint_url,
        "STORAGE_S3_ACCESS_KEY": s3.access_key,
        "STORAGE_S3_SECRET_KEY": s3.secret_key,
        "OTEL_EXPORTER_OTLP_ENDPOINT": "",
    }


@pytest.fixture(params=[pytest.param("sqlite", marks=pytest.mark.nightly), "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Run a test once on each database; on SQLite at night, unless it asks for that alone."""
    return str(request.param)


@pytest.fixture
def database(
    dialect: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Database:
    """Return an empty database, which the environment names."""
    made = Database("sqlite", "sqlite+aiosqlite:///./shop.db", "no password at all")
    if dialect == "postgresql":
        postgres: servers.Postgres = request.getfixturevalue("postgres")
        made = Database(dialect, postgres.create_database(uuid4().hex), postgres.password)
    for name in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", made.url)
    return made


@pytest.fixture
def site(
    database: Database,
    get_shop: GetShop,
    tmp_path: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> Site:
    """Return a copy of the example with a database of its own, not migrated yet."""
    root = copied(get_shop("example"), tmp_path / "shop")
    monkeypatch.chdir(root)
    return Site(root, run, database)
