from collections.abc import Callable, Mapping, Sequence
from typing import Any

from exchange import orders

LIFESPANS: Sequence[
    Callable[..., Any]
] = [
    orders.lifespan,
    (orders.prices),  # kept in brackets
]
MIDDLEWARE: Sequence[Callable[..., Any]] = [
]
ROUTERS: Sequence[Any] = [orders.router, ]
READINESS: Mapping[
    str,
    Callable[..., Any],
] = {"orders": orders.ready, }
MIGRATIONS: Sequence[Any] = []
