"""Lessons."""

from collections.abc import Mapping, Sequence
from typing import Any

from lessons.calendar import lifespan as calendar_lifespan

LIFESPANS: Sequence[Any] = [calendar_lifespan,]
MIDDLEWARE: Sequence[Any] = []
ROUTERS: Sequence[Any] = []
READINESS: Mapping[str, Any] = {}
MIGRATIONS: Sequence[Any] = []
