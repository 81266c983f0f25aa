"""Wiring."""

from features import search
from features import suggest

LIFESPANS = [search.lifespan,
             suggest.lifespan]

MIDDLEWARE = [search.timing,]

ROUTERS = [
  search.router,
  suggest.router]

READINESS = {'search': search.ready,
             'suggest': suggest.ready}

MIGRATIONS = []
