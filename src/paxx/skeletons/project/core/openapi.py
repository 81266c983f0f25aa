"""Names in the OpenAPI document, from which clients are generated."""

from enum import Enum

from fastapi.routing import APIRoute


def operation_id(route: APIRoute) -> str:
    """Return `tag-function`, or the name of the function for a route without a tag."""
    if not route.tags:
        return route.name
    tag = route.tags[0]
    return f"{tag.value if isinstance(tag, Enum) else tag}-{route.name}"
