"""Wiring \
of continued."""
from features.mills \
    import lifespan, \
    router
import features.wind; import features.water

LIFESPANS = [lifespan, features.wind.lifespan]; MIDDLEWARE = []
ROUTERS = \
    [router,
     features.water.router]
READINESS = {}; MIGRATIONS = []
