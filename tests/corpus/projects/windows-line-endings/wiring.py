"""Invoices."""

from features.invoices import lifespan, router

LIFESPANS = [
    lifespan,
]
MIDDLEWARE = []
ROUTERS = [
    router,
]
READINESS = {}
MIGRATIONS = []
