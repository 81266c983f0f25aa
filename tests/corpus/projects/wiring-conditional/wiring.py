import sys

try:
    import uvloop
except ImportError:
    uvloop = None

if sys.version_info >= (3, 12):
    from features.modern import lifespan
else:
    from features.legacy import lifespan

from settings import settings

if uvloop is not None:
    uvloop.install()

LIFESPANS = [
    lifespan,
]
MIDDLEWARE = []
if settings.traced:
    from features.traces import middleware

    MIDDLEWARE = [middleware]

try:
    from features.extra import router
except ImportError:
    ROUTERS = []
else:
    ROUTERS = [router]

READINESS = {}
MIGRATIONS = []
