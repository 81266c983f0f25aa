from shop.stock import lifespan

LIFESPANS = [
    lifespan,
]
MIDDLEWARE = []
ROUTERS = []
READINESS = {}
MIGRATIONS = []
