"""Fixtures: the application with its lifespan, a client, and the way to ask for a server."""

import os
import socket
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlsplit

import pytest

# Before the application is imported: tests never touch the database of a developer.
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "sqlite+aiosqlite:///:memory:")
os.environ["ENVIRONMENT"] = "development"

from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from main import create_app


@pytest.fixture
async def app() -> AsyncIterator[FastAPI]:
    """Return a new application whose lifespan runs."""
    application = create_app()
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Return a client of the application; errors become answers, as over a socket."""
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as http:
        yield http


@pytest.fixture
def require_server() -> Callable[[str], None]:
    """Return a function that skips the test when nothing listens at a URL's host and port.

    With REQUIRE_SERVERS=1 the test fails instead.
    """

    def require(url: str) -> None:
        parts = urlsplit(url)
        try:
            socket.create_connection((parts.hostname or "", parts.port or 0), timeout=1).close()
        except OSError:
            message = f"no server at {parts.hostname}:{parts.port}"
            if os.environ.get("REQUIRE_SERVERS") == "1":
                pytest.fail(message)
            pytest.skip(message)

    return require
