"""What the application is made of, in order; main.py and the migrations read these lists."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter

import core.health
import db.database
from core.lifespan import Lifespan, Middleware
from db.database import MigrationOptions

# Entered from top to bottom, left from bottom to top.
LIFESPANS: Sequence[Lifespan] = [
    db.database.lifespan,
]

# The first one is the outermost.
MIDDLEWARE: Sequence[Middleware] = []

ROUTERS: Sequence[APIRouter] = []

# `/ready` asks each of them.
READINESS: Mapping[str, core.health.ReadinessCheck] = {
    "database": db.database.ready,
}

# Added to what Alembic is configured with.
MIGRATIONS: Sequence[MigrationOptions] = []
