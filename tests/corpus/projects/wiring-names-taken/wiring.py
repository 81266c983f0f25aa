from reactor import core

LIFESPANS = [
    core.lifespan,
]
MIDDLEWARE = []
ROUTERS = [core.router]
READINESS = {"reactor": core.ready}
MIGRATIONS = []
