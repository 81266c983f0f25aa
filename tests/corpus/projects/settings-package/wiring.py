from db.database import lifespan

LIFESPANS = [lifespan]
MIDDLEWARE = []
ROUTERS = []
READINESS = {}
MIGRATIONS = []
