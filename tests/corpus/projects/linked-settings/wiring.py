import fleet.cars

LIFESPANS = [
    fleet.cars.lifespan,
]
MIDDLEWARE = []
ROUTERS = []
READINESS = {}
MIGRATIONS = []
