"""What the application is made of, in order; main.py and the migrations read these lists."""

from collections.abc import Collection, Mapping, Sequence

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

# `/ready` runs each of them and reports the results.
READINESS: Mapping[str, core.health.ReadinessCheck] = {
    "database": db.database.ready,
}

# The checks that every request needs: `/ready` answers 503 when one of them fails. When others
# fail it answers 200 with the status `degraded`, since most requests can still be served.
CRITICAL: Collection[str] = {"database"}

# Added to what Alembic is configured with.
MIGRATIONS: Sequence[MigrationOptions] = []
