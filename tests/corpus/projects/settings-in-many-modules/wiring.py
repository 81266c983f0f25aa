from harbour.berths import lifespan

LIFESPANS = [
    lifespan
]
MIDDLEWARE = []
ROUTERS = []
READINESS = {}
MIGRATIONS = []
