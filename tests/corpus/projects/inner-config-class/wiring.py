from library.loans import lifespan, ready

LIFESPANS = [
    # Loans are counted first.
    lifespan,
    # Put new ones below.
]
MIDDLEWARE = []
ROUTERS = []
READINESS = {
    # name of the check: the check
    "loans": ready,
    # Put new ones below.
}
MIGRATIONS = []
