"""What there was at the beginning."""

LIFESPANS = []
ROUTERS = []
READINESS = {}
