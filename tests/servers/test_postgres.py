"""The PostgreSQL server of the tests, tested through its own small client."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers import Postgres, ServerError
from servers.postgres_login import Login, execute

pytestmark = pytest.mark.integration

# Root cannot run PostgreSQL and has two ways round that; everybody else needs none.
IDENTITIES = ["namespace", "nobody"] if os.geteuid() == 0 else ["own"]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with Postgres.start() as server:
        yield server


def test_the_url_names_the_database_of_the_application(postgres: Postgres) -> None:
    address = f"app:{postgres.password}@127.0.0.1:{postgres.port}"
    assert postgres.url == f"postgresql+asyncpg://{address}/app"


def test_it_runs_statements_in_the_named_database(postgres: Postgres) -> None:
    postgres.execute("CREATE TABLE flower (name text)", "app")
    postgres.execute("SELECT name FROM flower", "app")
    with pytest.raises(ConnectionError, match='relation "flower" does not exist'):
        postgres.execute("SELECT name FROM flower", "postgres")


def test_it_refuses_a_wrong_password(postgres: Postgres) -> None:
    with pytest.raises(ConnectionError, match="password authentication failed"):
        execute(Login("127.0.0.1", postgres.port, "app", "guess", "app"), "SELECT 1")


def test_a_created_database_is_empty_and_has_an_address(postgres: Postgres) -> None:
    assert postgres.create_database("garden-1").endswith("/garden-1")
    postgres.execute("CREATE TABLE flower (name text)", "garden-1")


def test_a_taken_port_is_reported(postgres: Postgres) -> None:
    with pytest.raises(ServerError, match="already in use") as caught:
        Postgres.start(port=postgres.port)
    Path(str(caught.value).splitlines()[0].split(" its log ")[1].rstrip(":")).unlink()


@pytest.mark.parametrize("identity", IDENTITIES)
def test_data_and_port_survive_stop_and_start_again(
    identity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if identity == "nobody":
        monkeypatch.setenv("PAXX_SERVERS_AS_NOBODY", "1")
    with Postgres.start() as postgres:
        port = postgres.port
        postgres.execute("CREATE TABLE flower (name text)", "app")
        postgres.stop()
        with pytest.raises(ConnectionRefusedError):
            postgres.execute("SELECT 1")
        postgres.start_again()
        postgres.execute("DROP TABLE flower", "app")
        assert postgres.port == port
    assert not postgres.directory.exists()


def test_what_is_committed_survives_a_crash() -> None:
    with Postgres.start() as postgres:
        postgres.execute("CREATE TABLE flower (name text)", "app")
        postgres.kill()
        with pytest.raises(ConnectionRefusedError):
            postgres.execute("SELECT 1")
        postgres.start_again()
        postgres.execute("SELECT name FROM flower", "app")


def test_a_server_that_does_not_run_cannot_crash() -> None:
    with Postgres.start() as postgres:
        postgres.stop()
        with pytest.raises(ServerError, match="not running"):
            postgres.kill()


@pytest.mark.parametrize("identity", IDENTITIES)
def test_the_application_has_postgis_where_it_is_asked_for(
    identity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if identity == "nobody":
        monkeypatch.setenv("PAXX_SERVERS_AS_NOBODY", "1")
    with Postgres.start(postgis=True) as postgres:
        postgres.execute("SELECT postgis_lib_version()", "app")
        postgres.execute("CREATE EXTENSION postgis_topology", "app")
        with pytest.raises(ConnectionError, match="does not exist"):
            postgres.execute("SELECT postgis_lib_version()", "postgres")
