"""The application as a whole."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Body, FastAPI
from httpx2 import AsyncClient

from main import create_app
from settings import settings


async def test_the_openapi_document_names_operations_by_function(client: AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert paths["/health"]["get"]["operationId"] == "health"


async def test_the_openapi_document_describes_errors_as_they_are(app: FastAPI) -> None:
    @app.get("/items/{item_id}")
    async def item(item_id: int) -> int:
        return item_id

    document = app.openapi()
    responses = document["paths"]["/items/{item_id}"]["get"]["responses"]
    assert responses.keys() == {"200", "default"}
    assert responses["default"]["content"].keys() == {"application/problem+json"}


async def test_a_body_that_is_too_large_is_rejected(app: FastAPI, client: AsyncClient) -> None:
    @app.post("/lengths")
    async def length(text: Annotated[str, Body()]) -> int:
        return len(text)

    assert (await client.post("/lengths", json="x" * 1000)).json() == 1000
    answer = await client.post("/lengths", json="x" * settings.max_body_bytes)
    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


async def test_applications_are_independent() -> None:
    assert create_app() is not create_app()
