'''Parcels: what is started, and in which order.'''

import parcels.tracking
import parcels.labels

LIFESPANS = [
    parcels.tracking.lifespan,
    parcels.labels.lifespan
]

MIDDLEWARE = [
]

ROUTERS = [
    parcels.tracking.router,
    parcels.labels.router
]

READINESS = {
    'tracking': parcels.tracking.ready
}

MIGRATIONS = []
