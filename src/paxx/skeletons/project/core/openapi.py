"""Names in the OpenAPI document, from which clients are generated."""

from fastapi.routing import APIRoute


def operation_id(route: APIRoute) -> str:
    """Return the name of the function, `create_product`; FastAPI warns of duplicates."""
    return route.name
