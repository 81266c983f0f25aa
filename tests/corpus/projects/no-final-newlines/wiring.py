import features.menu

ROUTERS = [features.menu.router]
LIFESPANS = []
MIGRATIONS = []
READINESS = {"menu": features.menu.ready}
MIDDLEWARE = [features.menu.middleware]