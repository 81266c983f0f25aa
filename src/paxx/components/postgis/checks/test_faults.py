"""The database stopped, restarted and killed while places are stored, and the application too."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from checks.postgis.spots import Models

import servers
from db.database import make_engine

pytestmark = pytest.mark.nightly

PROJECT = Path.cwd()
SPOTS = Path(__file__).with_name("spots.py")
INSERTS = 1_200
CLIENTS = 12
# Waiting for a connection and making one, and the time that a busy machine takes.
BOUND = 60.0
PATIENCE = 180.0


class App:
    """The application as a process that can be killed and started again on its port."""

    def __init__(self, database: str, log: Path) -> None:
        self.database = database
        self.log = log
        self.port = servers.free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "uvicorn", "spots:app", "--port", str(self.port)],
                cwd=PROJECT,
                env=os.environ
                | {
                    "DATABASE_URL": self.database,
                    "PYTHONPATH": f"{SPOTS.parent}{os.pathsep}{PROJECT}",
                    "NO_PROXY": "*",
                },
                stdout=output,
                stderr=output,
            )

    def end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=BOUND)


@pytest.fixture
def postgres() -> Iterator[servers.Postgres]:
    with servers.Postgres.start(postgis=True) as started:
        yield started


@pytest.fixture
async def app(postgres: servers.Postgres, tmp_path: Path) -> AsyncIterator[App]:
    engine = make_engine(postgres.url)
    async with engine.begin() as connection:
        await connection.run_sync(Models.metadata.create_all)
    await engine.dispose()
    application = App(postgres.url, tmp_path / "app.log")
    application.start()
    async with application.client() as client:
        await until(client, "/ready", 200)
    yield application
    application.end(signal.SIGTERM)


async def until(client: httpx2.AsyncClient, path: str, status: int) -> httpx2.Response:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(httpx2.TransportError):
            answer = await client.get(path)
            if answer.status_code == status:
                return answer
        await asyncio.sleep(0.05)
    raise AssertionError(f"{path} never answered {status}")


class Load:
    """Clients that store numbered places, each until it is acknowledged."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.acknowledged: set[int] = set()
        self.failures = 0
        self.slowest = 0.0

    async def store(self, client: httpx2.AsyncClient, number: int) -> bool:
        place = {"type": "Point", "coordinates": [number % 180, number % 90]}
        start = time.monotonic()
        try:
            answer = await client.put("/spots", json={"id": number, "place": place})
            stored = answer.status_code == 200
        except httpx2.TransportError:
            stored = False
        self.slowest = max(self.slowest, time.monotonic() - start)
        return stored

    async def worker(self, numbers: Iterator[int]) -> None:
        async with self.app.client() as client:
            for number in numbers:
                while not await self.store(client, number):
                    self.failures += 1
                    await asyncio.sleep(0.02)
                self.acknowledged.add(number)

    async def run(self, *faults: Callable[[], None]) -> None:
        """Store everything; each fault happens after its share of the work."""
        numbers = iter(range(1, INSERTS + 1))
        async with asyncio.timeout(PATIENCE * 2), asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(self.worker(numbers))
            for position, fault in enumerate(faults, 1):
                while len(self.acknowledged) < INSERTS * position // (len(faults) + 1):
                    await asyncio.sleep(0.005)
                await asyncio.to_thread(fault)


async def compare(load: Load) -> None:
    async with load.app.client() as client:
        found = (await client.get("/count")).json()
    acknowledged = len(load.acknowledged)
    print(f"acknowledged {acknowledged}, found {found}, failed in between {load.failures}")
    assert acknowledged == found == INSERTS
    assert load.failures > 0
    assert load.slowest < BOUND


async def test_a_restart_of_the_database_under_load_loses_nothing(
    app: App, postgres: servers.Postgres
) -> None:
    def restart() -> None:
        postgres.stop()
        time.sleep(0.5)  # an outage, not a blink
        postgres.start_again()

    load = Load(app)
    await load.run(restart, restart)
    await compare(load)
    async with app.client() as client:
        nearest = (await client.get("/spots/nearest", params={"lat": 7.1, "lng": 7})).json()
        assert nearest[0]["place"] == {"type": "Point", "coordinates": [7.0, 7.0]}


async def test_a_database_killed_under_load_loses_nothing(
    app: App, postgres: servers.Postgres
) -> None:
    def crash() -> None:
        postgres.kill()
        postgres.start_again()

    load = Load(app)
    await load.run(crash, crash)
    await compare(load)


async def test_an_application_killed_under_load_loses_nothing(app: App) -> None:
    def crash() -> None:
        app.end(signal.SIGKILL)
        app.start()

    load = Load(app)
    await load.run(crash)
    await compare(load)


async def test_while_the_database_is_away_answers_come_and_say_so(
    app: App, postgres: servers.Postgres
) -> None:
    async with app.client() as client:
        postgres.stop()
        away = await until(client, "/ready", 503)
        checks = away.json()["checks"]
        assert "ok" not in (checks["database"], checks["postgis"])
        start = time.monotonic()
        answer = await client.get("/spots/nearest", params={"lat": 0, "lng": 0})
        assert answer.status_code == 503
        assert time.monotonic() - start < BOUND
        assert (await client.get("/health")).status_code == 200
        postgres.start_again()
        assert (await until(client, "/ready", 200)).json()["checks"]["postgis"] == "ok"
        answer = await client.get("/spots/nearest", params={"lat": 0, "lng": 0})
        assert answer.status_code == 200


async def test_without_the_extension_it_starts_and_is_degraded(
    postgres: servers.Postgres, tmp_path: Path
) -> None:
    app = App(postgres.create_database("bare"), tmp_path / "bare.log")
    app.start()
    try:
        async with app.client() as client:
            answer = (await until(client, "/ready", 200)).json()
            assert answer["status"] == "degraded"
            assert answer["checks"]["postgis"] == "PostGISMissingError"
            postgres.execute("CREATE EXTENSION postgis", "bare")
            assert (await client.get("/ready")).json()["checks"]["postgis"] == "ok"
    finally:
        app.end(signal.SIGTERM)
