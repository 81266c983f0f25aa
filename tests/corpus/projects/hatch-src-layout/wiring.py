"""What the service is made of."""

from collections.abc import Mapping, Sequence

from bookings.db import engine_lifespan, ping
from bookings.rooms import router as rooms
from fastapi import APIRouter

from core.health import ReadinessCheck
from core.lifespan import Lifespan, Middleware

LIFESPANS: Sequence[Lifespan] = [
    engine_lifespan,
]
MIDDLEWARE: Sequence[Middleware] = []
ROUTERS: Sequence[APIRouter] = [
    rooms,
]
READINESS: Mapping[str, ReadinessCheck] = {
    "postgres": ping,
}
MIGRATIONS: Sequence[Mapping[str, object]] = []
