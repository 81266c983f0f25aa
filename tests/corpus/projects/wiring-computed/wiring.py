from features import FEATURES, common
from settings import settings

LIFESPANS = [*common.LIFESPANS, common.lifespan]
MIDDLEWARE = [common.middleware] if settings.audited else []
ROUTERS = [feature.router for feature in FEATURES]
READINESS = dict(common=common.ready)
MIGRATIONS = common.MIGRATIONS + []
