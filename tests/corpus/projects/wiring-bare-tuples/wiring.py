from features import feeds, readers

LIFESPANS = feeds.lifespan, readers.lifespan
MIDDLEWARE = []
ROUTERS = feeds.router,
READINESS = {}
MIGRATIONS = []
