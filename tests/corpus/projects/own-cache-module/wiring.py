from core import cache

LIFESPANS = [cache.lifespan]
MIDDLEWARE = []
ROUTERS = []
READINESS = {"cache": cache.ready}
MIGRATIONS = []
