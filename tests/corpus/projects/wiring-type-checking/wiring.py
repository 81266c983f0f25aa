"""Typed wiring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.quotes import lifespan, ready, router

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import core.cache
    from core.health import ReadinessCheck
    from core.lifespan import Lifespan, Middleware
    from fastapi import APIRouter

LIFESPANS: Sequence[Lifespan] = [
    lifespan,
]
MIDDLEWARE: Sequence[Middleware] = []
ROUTERS: Sequence[APIRouter] = [
    router,
]
READINESS: Mapping[str, ReadinessCheck] = {
    "quotes": ready,
}
MIGRATIONS: Sequence[Mapping[str, object]] = []


def warmed(cache: core.cache.Cache) -> bool:
    return cache is not None
