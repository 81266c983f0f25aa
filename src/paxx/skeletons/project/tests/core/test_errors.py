"""Errors as problem details."""

from collections.abc import AsyncIterator
from http import HTTPStatus

import pytest
from fastapi import FastAPI, HTTPException
from httpx2 import ASGITransport, AsyncClient
from pydantic import BaseModel

import core.errors
from core.errors import AppError


class OutOfStockError(AppError):
    """An error of a domain, as features define them."""

    status = HTTPStatus.CONFLICT
    title = "Out of stock"


class Credentials(BaseModel):
    """A body with a secret in it."""

    password: int


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    """Return a client of an application with a route for each kind of error."""
    app = FastAPI()
    core.errors.install(app)

    @app.get("/domain")
    async def domain() -> None:
        raise OutOfStockError("none left", item=7)

    @app.delete("/domain")
    async def undo() -> None: ...

    @app.get("/http")
    async def http() -> None:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})

    @app.get("/http/{status}")
    async def http_status(status: int) -> None:
        raise HTTPException(status, {"reason": "tea", "status": 1})

    @app.get("/bug")
    async def bug() -> None:
        raise RuntimeError("the password is hunter2")

    @app.post("/login")
    async def login(credentials: Credentials) -> None:
        del credentials

    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as http_client:
        yield http_client


async def test_a_domain_error_carries_its_members(client: AsyncClient) -> None:
    response = await client.get("/domain")
    assert response.status_code == 409
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Out of stock",
        "status": 409,
        "detail": "none left",
        "item": 7,
    }


async def test_an_http_exception_keeps_its_headers(client: AsyncClient) -> None:
    response = await client.get("/http")
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json() == {"type": "about:blank", "title": "Unauthorized", "status": 401}


async def test_members_of_an_http_exception_stand_beside_the_standard_ones(
    client: AsyncClient,
) -> None:
    response = await client.get("/http/499")  # not in the standard library, but in use
    assert response.json() == {
        "type": "about:blank",
        "title": "Error",
        "status": 499,
        "reason": "tea",
    }


async def test_an_answer_that_is_no_error_has_no_body(client: AsyncClient) -> None:
    response = await client.get("/http/304")
    assert (response.status_code, response.content) == (304, b"")


async def test_a_method_that_is_not_allowed_names_those_that_are(client: AsyncClient) -> None:
    response = await client.put("/domain")
    assert (response.status_code, response.headers["allow"]) == (405, "DELETE, GET")


async def test_an_unknown_path_is_a_problem_too(client: AsyncClient) -> None:
    response = await client.get("/nowhere")
    assert (response.status_code, response.json()["title"]) == (404, "Not Found")


async def test_an_invalid_request_says_where_but_repeats_no_input(client: AsyncClient) -> None:
    response = await client.post("/login", json={"password": "hunter2"})
    assert response.status_code == 422
    assert response.json()["errors"][0]["loc"] == ["body", "password"]
    assert "hunter2" not in response.text


async def test_a_bug_gives_nothing_away(
    client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = await client.get("/bug")
    assert response.status_code == 500
    assert "hunter2" not in response.text
    assert "unhandled error in GET /bug" in caplog.text
