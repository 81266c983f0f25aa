"""Errors as problem details (RFC 9457), in one shape for every route."""

import logging
from collections.abc import Iterator, Mapping
from http import HTTPMethod, HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

logger = logging.getLogger(__name__)

PHRASES = {status.value: status.phrase for status in HTTPStatus}
CLIENT_CLOSED = 499  # not a standard status, but the one that nginx logs
MEDIA_TYPE = "application/problem+json"
PROBLEM = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
    "additionalProperties": True,
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {"description": "Problem details", "content": {MEDIA_TYPE: {"schema": PROBLEM}}}
}
"""How the OpenAPI document describes every answer that a route does not name itself."""


class AppError(Exception):
    """An error of the domain that the client is told; raise a subclass from any service."""

    status = HTTPStatus.BAD_REQUEST
    title = "Bad request"

    def __init__(self, detail: str | None = None, **members: Any) -> None:
        """`members` become further members of the problem, such as the id in question."""
        super().__init__(detail or self.title)
        self.detail = detail
        self.members = members


def install(app: FastAPI) -> None:
    """Answer every kind of error as problem details."""
    app.add_exception_handler(AppError, _on_app_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    app.add_exception_handler(Exception, _on_bug)


async def _on_app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        cause = error.__cause__ or error
        logger.warning("%s %s: %s: %r", request.method, request.url.path, error, cause)
    return _problem(error.status, error.title, error.detail, error.members)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    if status < HTTPStatus.BAD_REQUEST:  # such as 304, which has no body
        return Response(status_code=status, headers=error.headers)
    title = PHRASES.get(status, "Error")
    # FastAPI allows any JSON as the detail; RFC 9457 has a sentence there, and members beside it.
    detail: Any = error.detail
    if isinstance(detail, Mapping):
        response = _problem(status, title, None, detail)
    elif isinstance(detail, str):
        response = _problem(status, title, None if detail == title else detail)
    else:
        response = _problem(status, title, None, {"errors": detail})
    response.headers.update(error.headers or {})
    if "Allow" in response.headers:
        response.headers["Allow"] = ", ".join(_allowed(request))
    return response


def _allowed(request: Request) -> Iterator[str]:
    """Yield the methods of a path; Starlette tells those of the first route that has it."""
    for method in HTTPMethod:
        scope = {**request.scope, "method": method.value}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes):
            yield method.value


async def _on_invalid_request(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # What the client sent is left out: it may be a password.
    errors = [
        {"loc": each["loc"], "msg": each["msg"], "type": each["type"]} for each in error.errors()
    ]
    return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Invalid request", None, {"errors": errors})


async def _on_disconnect(_: Request, __: Exception) -> Response:
    return Response(status_code=CLIENT_CLOSED)  # for the log: nobody is left to read it


async def _on_bug(request: Request, error: Exception) -> Response:
    logger.error("unhandled error in %s %s", request.method, request.url.path, exc_info=error)
    vars(error)["logged"] = True  # the server gets it next; see core.logging
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error")


def _problem(
    status: int, title: str, detail: str | None = None, members: Mapping[str, Any] | None = None
) -> JSONResponse:
    standard = {"title": title, "status": int(status)}
    if detail is not None:
        standard["detail"] = detail
    # The standard members come first and win, but for the type, which a problem may name itself.
    content = {"type": "about:blank"} | standard | dict(members or {}) | standard
    return JSONResponse(jsonable_encoder(content), status_code=status, media_type=MEDIA_TYPE)
