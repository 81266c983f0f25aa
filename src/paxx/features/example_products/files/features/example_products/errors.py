"""What can go wrong with products."""

from http import HTTPStatus

from core.errors import AppError


class ExampleProductNotFoundError(AppError):
    """There is no product with this id."""

    status = HTTPStatus.NOT_FOUND
    title = "Product not found"


class OutOfStockError(AppError):
    """Fewer pieces are left than somebody wants to buy; `stock` says how many."""

    status = HTTPStatus.CONFLICT
    title = "Out of stock"
