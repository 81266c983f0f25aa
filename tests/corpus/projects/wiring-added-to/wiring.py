import features.alarms
import features.pumps

LIFESPANS = []
LIFESPANS += [features.pumps.lifespan]

MIDDLEWARE = [
    features.alarms.middleware,
]

ROUTERS = [features.pumps.router]
ROUTERS.append(features.alarms.router)

READINESS = {"pumps": features.pumps.ready}
READINESS["alarms"] = features.alarms.ready

MIGRATIONS = []
