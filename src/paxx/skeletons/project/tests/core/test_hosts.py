"""Hosts and origins that the application accepts."""

import logging

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

import core.hosts
from main import create_app
from settings import settings


async def ask(app: FastAPI, **headers: str) -> tuple[int, str | None]:
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://api.test") as http:
        answer = await http.get("/health", headers=headers)
    return answer.status_code, answer.headers.get("access-control-allow-origin")


async def test_every_host_and_no_other_origin_is_allowed_by_default() -> None:
    assert await ask(create_app(), host="evil.test", origin="http://site.test") == (200, None)


async def test_only_listed_hosts_and_origins_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "allowed_hosts", "api.test, *.api.test")
    monkeypatch.setattr(settings, "cors_origins", "http://site.test")
    app = create_app()
    assert await ask(app, origin="http://site.test") == (200, "http://site.test")
    assert await ask(app, host="eu.api.test", origin="http://evil.test") == (200, None)
    assert (await ask(app, host="evil.test"))[0] == 400


def test_production_without_a_list_of_hosts_logs_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(settings, "environment", "production")
    core.hosts.install(FastAPI())
    assert ("core.hosts", logging.WARNING) in [(each[0], each[1]) for each in caplog.record_tuples]
