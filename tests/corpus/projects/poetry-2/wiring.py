from clinic import appointments, patients

LIFESPANS = [
    appointments.lifespan,
    patients.lifespan,
]
MIDDLEWARE = [patients.audit]
ROUTERS = [
    appointments.router,
    patients.router,
]
READINESS = {}
MIGRATIONS = [
    {"include_schemas": True},
]
