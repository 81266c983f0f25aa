import core as c
import core.health as health
import db.database as database
from core import errors, lifespan as spans
from core.lifespan import *
from features.maps import (
    lifespan as maps_lifespan,  # tiles
    router as maps_router,
)

LIFESPANS = [
    database.lifespan,
    maps_lifespan,
]
MIDDLEWARE = [errors.middleware, spans.middleware]
ROUTERS = [
    maps_router,
    health.router,
]
READINESS = {
    "database": database.ready,
    "maps": c.maps.ready,
}
MIGRATIONS = [database.options]
