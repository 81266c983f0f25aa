"""Errors as problem details (RFC 9457), in one shape for every route."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

logger = logging.getLogger(__name__)


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
    app.add_exception_handler(Exception, _on_bug)


async def _on_app_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AppError)
    return _problem(error.status, error.title, error.detail, **error.members)


async def _on_http_exception(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    detail = None if error.detail == title else error.detail
    response = _problem(error.status_code, title, detail)
    response.headers.update(error.headers or {})
    return response


async def _on_invalid_request(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # What the client sent is left out: it may be a password.
    errors = [
        {"loc": each["loc"], "msg": each["msg"], "type": each["type"]} for each in error.errors()
    ]
    return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Invalid request", None, errors=errors)


async def _on_bug(request: Request, error: Exception) -> JSONResponse:
    logger.error("unhandled error in %s %s", request.method, request.url.path, exc_info=error)
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error", None)


def _problem(status: int, title: str, detail: str | None, **members: Any) -> JSONResponse:
    content = {"type": "about:blank", "title": title, "status": int(status)}
    if detail is not None:
        content["detail"] = detail
    return JSONResponse(
        jsonable_encoder(content | members),
        status_code=status,
        media_type="application/problem+json",
    )
