from features.sessions import lifespan, ready

LIFESPANS = [lifespan]
MIDDLEWARE = []
ROUTERS = []
READINESS = {"redis": ready}
MIGRATIONS = []
