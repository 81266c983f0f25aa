LIFESPANS = []  # started from top to bottom
MIDDLEWARE = [  # outermost first
]
ROUTERS = [
    # none so far
]
READINESS = {
    # none so far
}
MIGRATIONS = []
