from ledger_routes import router as ledger_router
from ledger_store import lifespan as store, ready as store_ready

LIFESPANS = [store]
MIDDLEWARE = []
ROUTERS = [ledger_router]
READINESS = {"store": store_ready}
MIGRATIONS = []
