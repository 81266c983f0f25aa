from features import feeds, readers

LIFESPANS = (feeds.lifespan,)
MIDDLEWARE = (
    feeds.middleware,
    readers.middleware,
)
ROUTERS = (feeds.router, readers.router)
READINESS = {"feeds": feeds.ready, "readers": readers.ready}
MIGRATIONS = ()
