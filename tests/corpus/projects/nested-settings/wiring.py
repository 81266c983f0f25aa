"""Hub."""

import hub.ingest as ingest

LIFESPANS = [ingest.lifespan]
MIDDLEWARE = [
    ingest.middleware,
]
ROUTERS = [ingest.router]
READINESS = {
    "ingest": ingest.ready,
}
MIGRATIONS = []
