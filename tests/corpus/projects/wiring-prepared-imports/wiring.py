import core.cache as redis_cache
from core import arq as queue, storage
from core.storage_router import router as files_router
from core.ws import lifespan as sockets, middleware as sockets_middleware, ready as sockets_ready

LIFESPANS = [
    redis_cache.lifespan,
]
MIDDLEWARE = []
ROUTERS = [files_router]
READINESS = {
    "websocket": sockets_ready,
}
MIGRATIONS = []

PREPARED = (queue, storage, sockets, sockets_middleware)
