"""Names in the OpenAPI document, from which clients are generated."""

from fastapi.routing import APIRoute


def operation_id(route: APIRoute) -> str:
    """Return `tag-function`, or the name of the function for a route without a tag."""
    return f"{route.tags[0]}-{route.name}" if route.tags else route.name
