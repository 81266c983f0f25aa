"""Optimistic concurrency over HTTP: entity tags and `If-Match` (RFC 9110, 8.8.3 and 13.1.1)."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Header

from core.errors import AppError

IfMatch = Annotated[
    str,
    Header(
        description="Entity tags of the versions that may be changed; any without it.",
        examples=['"1"'],
    ),
]


class PreconditionFailedError(AppError):
    """The resource has another version than the client knows."""

    status = HTTPStatus.PRECONDITION_FAILED
    title = "Changed meanwhile"


def etag(version: int) -> str:
    """Return the entity tag of a version."""
    return f'"{version}"'


def check(if_match: str, version: int) -> None:
    """Raise PreconditionFailedError unless the version is one that the header allows."""
    tags = {tag.strip() for tag in if_match.split(",")}
    if not tags & {"*", etag(version)}:
        raise PreconditionFailedError("read it again, it has another entity tag", version=version)
