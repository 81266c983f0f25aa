"""`paxx doctor` in a real project with every component, its servers up, down, silent and wrong."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import servers
from servers import free_port
from tests.e2e.conftest import NOBODY
from tests.e2e.real import RealShop, clean_environment, uv

pytestmark = pytest.mark.xdist_group("all")

Findings = dict[str, dict[str, Any]]

REVISION = '''"""Add nothing."""

revision = "{name}"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None: ...


def downgrade() -> None: ...
'''


@dataclass(frozen=True, slots=True)
class Patient:
    """A project of its own, in the environment of the shared one."""

    root: Path
    env: Mapping[str, str]

    def examine(self, **env: str) -> tuple[int, Findings]:
        """Return the exit code, and what was found by subject; also assert that nothing changed."""
        before = self.snapshot()
        code, printed = self.doctor("--json", **env)
        assert self.snapshot() == before
        document = json.loads(printed)
        assert document["exit_code"] == code, printed
        return code, {each["subject"]: each for each in document["findings"]}

    def doctor(self, *arguments: str, **env: str) -> tuple[int, str]:
        result = subprocess.run(
            [sys.executable, "-m", "paxx", "doctor", *arguments],
            cwd=self.root,
            env=clean_environment() | dict(self.env) | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        return result.returncode, result.stdout

    def snapshot(self) -> dict[str, tuple[int, bytes]]:
        """Return every file and folder, with the time of its last change."""
        return {
            str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
            for path in sorted(self.root.rglob("*"))
            if ".venv" not in path.parts
        }

    def revise(self, name: str) -> Path:
        """Write a migration."""
        path = self.root / f"db/migrations/versions/{name}.py"
        path.write_text(REVISION.format(name=name))
        return path


@pytest.fixture
def patient(full_shop: RealShop, tmp_path: Path) -> Patient:
    """Return a project with all components, on ports that nobody else has."""
    root = tmp_path / "shop"
    shutil.copytree(full_shop.root, root, ignore=shutil.ignore_patterns(".venv", "__pycache__"))
    (root / ".venv").symlink_to(full_shop.root / ".venv")
    compose = (root / "docker-compose.yml").read_text()
    ports = {name: str(free_port()) for name in re.findall(r"\$\{(\w+_PORT):-", compose)}
    path = f"{Path(uv()).parent}{os.pathsep}{os.environ['PATH']}"
    return Patient(root, {**ports, "PATH": path})


@pytest.fixture
def collector() -> Iterator[servers.OtlpReceiver]:
    with servers.OtlpReceiver.start() as receiver:
        yield receiver


@pytest.fixture
def everything(environment: dict[str, str], collector: servers.OtlpReceiver) -> dict[str, str]:
    return environment | {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.grpc_endpoint}


@pytest.fixture
def silent() -> Iterator[int]:
    """Return a port on which connections are accepted, and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def problems(found: Findings) -> set[str]:
    return {name for name, each in found.items() if each["level"] == "problem"}


SERVICES = {"arq", "database", "metrics", "postgis", "redis", "storage", "websocket"}


def test_with_every_server_up_there_is_nothing_to_settle(
    patient: Patient, everything: dict[str, str]
) -> None:
    code, found = patient.examine(**everything)
    assert code == 0, found
    assert {name for name in SERVICES if found[name]["level"] == "ok"} == SERVICES
    assert all(found[name]["milliseconds"] > 0 for name in SERVICES)
    assert found["migrations"]["message"] == "none is pending"
    assert found["lock"]["message"] == "in step with `pyproject.toml`"


CONCERNED = {
    "redis": {"arq": "ARQ_REDIS_URL", "redis": "REDIS_URL", "websocket": "WS_REDIS_URL"},
    "postgres": {"database": "DATABASE_URL", "postgis": "docker compose"},
    "s3": {"storage": "STORAGE_S3_ENDPOINT_URL"},
}


@pytest.mark.parametrize("name", CONCERNED)
def test_a_server_that_is_down_is_named_with_the_way_out(
    name: str,
    patient: Patient,
    everything: dict[str, str],
    stoppable: dict[str, servers.Server],
) -> None:
    stoppable[name].stop()
    try:
        code, found = patient.examine(**everything)
    finally:
        stoppable[name].start_again()
    assert code == 4
    assert problems(found) == set(CONCERNED[name])
    for subject, way_out in CONCERNED[name].items():
        assert way_out in found[subject]["hint"]


@pytest.mark.parametrize("name", CONCERNED)
def test_a_server_that_is_silent_is_given_up(
    name: str,
    patient: Patient,
    everything: dict[str, str],
    stoppable: dict[str, servers.Server],
) -> None:
    stoppable[name].pause()
    try:
        code, found = patient.examine(**everything)
    finally:
        stoppable[name].resume()
    assert code == 4
    # The server of another kind accepts connections all the same, which is all that is asked.
    assert problems(found) == set(CONCERNED[name]) - {"websocket"}


def test_a_collector_that_is_down_is_named(patient: Patient, everything: dict[str, str]) -> None:
    port = free_port()
    nobody = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://localhost:{port}",
        "OTLP_GRPC_PORT": str(port),
    }
    code, found = patient.examine(**everything | nobody)
    assert code == 4
    assert problems(found) == {"metrics"}
    assert found["metrics"]["hint"] == (
        "`docker compose up -d jaeger` starts it here, or set `OTEL_EXPORTER_OTLP_ENDPOINT`"
        " to where it is"
    )


def test_no_password_is_told(patient: Patient, silent: int) -> None:
    secret = "hunter2-and@more"
    urls = {
        "DATABASE_URL": f"postgresql+asyncpg://shop:hunter2-and%40more@127.0.0.1:{silent}/shop",
        "REDIS_URL": f"redis://:{secret}@127.0.0.1:{silent}/0",
        "ARQ_REDIS_URL": f"redis://shop:{secret}@127.0.0.1:x/0",
        "SECRET_KEY": secret,
    }
    wiring = patient.root / "wiring.py"
    wiring.write_text(
        wiring.read_text().replace('"redis": core.cache.ready', '"redis": tell')
        + "\nfrom settings import settings  # noqa\n"
    )
    wiring.write_text(
        wiring.read_text().replace(
            "READINESS: Mapping",
            "async def tell() -> None:\n"
            "    key = settings.secret_key.get_secret_value()\n"
            "    raise ValueError(f'{settings.redis_url} {settings.database_url} {key}')\n\n\n"
            "READINESS: Mapping",
        )
    )
    code, found = patient.examine(**NOBODY | urls)
    assert code == 4
    told = json.dumps(found)
    assert "ValueError: redis://:***@127.0.0.1" in found["redis"]["message"]
    assert f"postgresql+asyncpg://shop:***@127.0.0.1:{silent}/shop" in found["database"]["message"]
    assert "hunter2" not in told


def test_a_missing_database_file_and_folder_stay_missing(patient: Patient) -> None:
    patient.revise("first")
    code, found = patient.examine(**NOBODY)
    assert code == 4
    assert found["database"]["message"] == "not asked, because that writes to `shop.db`"
    assert found["storage"]["level"] == "info"
    assert found["migrations"]["message"] == "1 pending"


def test_what_another_process_left_beside_a_database_file_stays(patient: Patient) -> None:
    patient.revise("first")
    crash = """
import os, sqlite3
connection = sqlite3.connect("shop.db")
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
connection.execute("INSERT INTO alembic_version VALUES ('first')")
connection.commit()
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", crash], cwd=patient.root, check=True)
    assert (patient.root / "shop.db-wal").stat().st_size
    _, found = patient.examine(**NOBODY)
    assert found["database"]["level"] == "ok"
    assert found["migrations"]["message"] == "none is pending"


def test_migrations_are_compared_with_the_database(
    patient: Patient, everything: dict[str, str]
) -> None:
    first = patient.revise("first")
    code, found = patient.examine(**everything)
    assert code == 4
    assert problems(found) == {"migrations"}
    assert found["migrations"]["message"] == "1 pending"
    assert found["migrations"]["hint"] == "`paxx db upgrade` applies them"
    shop = RealShop(patient.root)
    shop.tool("alembic", "upgrade", "head", env=everything)
    try:
        assert patient.examine(**everything)[0] == 0
        patient.revise("second")
        assert patient.examine(**everything)[1]["migrations"]["message"] == "there are 2 heads"
        first.unlink()
        _, found = patient.examine(**everything)
        assert found["migrations"]["message"].startswith("the database is at `first`, which")
    finally:
        shop.tool("alembic", "stamp", "--purge", "base", env=everything)


def test_env_is_compared_with_the_settings(patient: Patient) -> None:
    settings = patient.root / "settings.py"
    text = settings.read_text()
    settings.write_text(text.replace("    # Logging\n", "    shop_token: str\n\n    # Logging\n"))
    (patient.root / ".env").write_text(
        "LOG_FORMAT=xml\nDATABSE_URL=x\n\nSENTRY_DSN=x\nwhat is this\nARQ_MAX_JOBS=s3cr3t\n"
    )
    code, found = patient.examine()
    assert code == 4
    assert found["LOG_FORMAT"]["message"] == "Input should be 'text' or 'json'"
    assert found["SHOP_TOKEN"]["message"] == "is not set, and has no default"
    assert found["DATABSE_URL"]["hint"] == "did you mean `DATABASE_URL`?"
    assert found["SENTRY_DSN"]["level"] == "info"
    assert found[".env:5"]["level"] == "problem"
    assert found["ARQ_MAX_JOBS"]["level"] == "problem"
    assert "s3cr3t" not in json.dumps(found)


def test_a_start_that_production_refuses_is_told(patient: Patient) -> None:
    code, found = patient.examine(**NOBODY, ENVIRONMENT="production")
    assert code == 4
    assert (
        found["settings"]["message"]
        == "not safe with ENVIRONMENT=production: SECRET_KEY must be set"
    )


def test_an_address_without_its_scheme_is_not_told(patient: Patient) -> None:
    _, found = patient.examine(**NOBODY, DATABASE_URL="shop:hunter2@host/shop")
    assert found["project"]["level"] == "problem"
    assert "hunter2" not in json.dumps(found)


def test_a_port_that_is_taken_is_told_with_its_process(
    patient: Patient, everything: dict[str, str], collector: servers.OtlpReceiver
) -> None:
    port = collector.http_port
    code, found = patient.examine(**everything | {"APP_PORT": str(port)})
    assert code == 4
    assert problems(found) == {f"port {port}"}
    assert f"(process {os.getpid()})" in found[f"port {port}"]["message"]
    assert "`APP_PORT`" in found[f"port {port}"]["hint"]


def test_servers_of_the_project_may_take_their_ports(
    patient: Patient, everything: dict[str, str], redis: servers.Redis
) -> None:
    code, found = patient.examine(**everything | {"REDIS_PORT": str(redis.port)})
    assert code == 0, found
    assert found[f"port {redis.port}"]["level"] == "info"


def test_a_lock_file_that_lags_behind_is_told(patient: Patient) -> None:
    pyproject = patient.root / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace('"aiosqlite>=0.20"', '"aiosqlite>=0.21"'))
    _, found = patient.examine(**NOBODY)
    assert found["lock"]["message"] == "`uv.lock` is not in step with `pyproject.toml`"


def test_a_project_that_writes_when_it_is_imported_is_kept_from_it(patient: Patient) -> None:
    settings = patient.root / "settings.py"
    settings.write_text(f"{settings.read_text()}\nopen('started.txt', 'w')\n")
    _, found = patient.examine(**NOBODY)
    assert "`started.txt`" in found["project"]["message"]


def test_a_project_that_talks_blocks_and_hangs_is_examined(patient: Patient) -> None:
    wiring = patient.root / "wiring.py"
    wiring.write_text(
        wiring.read_text()
        .replace('"database": db.database.ready', '"never": never, "talking": talking')
        .replace(
            "READINESS: Mapping",
            "async def never() -> None:\n"
            "    while True:\n"
            "        try:\n"
            "            await asyncio.sleep(3600)\n"
            "        except asyncio.CancelledError:\n"
            "            print('no')\n\n\n"
            "async def talking() -> None:\n"
            "    print('{')\n\n\n"
            "READINESS: Mapping",
        )
        .replace("from collections", "import asyncio\nfrom collections", 1)
    )
    code, found = patient.examine(**NOBODY)
    assert code == 4
    assert found["never"]["message"] == "does not answer: no answer within 5 s"
    assert found["talking"]["level"] == "ok"
