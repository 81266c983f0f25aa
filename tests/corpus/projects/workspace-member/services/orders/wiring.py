"""Orders: what main.py puts together."""

import money.rates

import orders.api
import orders.outbox

LIFESPANS = [
    money.rates.lifespan,  # rates first: the outbox prices what it sends
    orders.outbox.lifespan,
]
MIDDLEWARE = []
ROUTERS = [
    orders.api.router,
]
READINESS = {
    "rates": money.rates.ready,
}
MIGRATIONS = []
