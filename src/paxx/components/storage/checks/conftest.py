"""Fixtures: both backends, each empty when a test begins."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from checks.storage.driving import use

import servers
from core.storage import Storage, get_storage
from settings import settings


@pytest.fixture(scope="session")
def s3() -> Iterator[servers.S3]:
    """Return a server; a test that stops it starts it again."""
    with servers.S3.start() as started:
        yield started


@pytest.fixture(params=["local", "s3"])
async def storage(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Storage]:
    """Return each backend in turn; objects are left from earlier tests on none."""
    if request.param == "local":
        environment = {"STORAGE_BACKEND": "local", "STORAGE_LOCAL_PATH": str(tmp_path / "up")}
    else:
        environment = request.getfixturevalue("s3").settings
    use(monkeypatch, environment)
    storage = get_storage()
    await storage.open()
    yield storage
    async for each in storage.list():
        await storage.delete(each.key)
    await storage.close()
    get_storage.cache_clear()


@pytest.fixture
async def on_s3(s3: servers.S3, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Storage]:
    """Return the backend for S3."""
    use(monkeypatch, s3.settings)
    assert settings.storage_backend == "s3"
    yield get_storage()
    s3.start_again()
    async for each in get_storage().list():
        await get_storage().delete(each.key)
    await get_storage().close()
    get_storage.cache_clear()


@pytest.fixture
async def mortal(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[servers.S3]:
    """Return a server that may be killed: what it was told meanwhile is its own affair."""
    with servers.S3.start() as started:
        use(monkeypatch, started.settings)
        yield started
        await get_storage().close()
        get_storage.cache_clear()
