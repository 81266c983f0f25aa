LIFESPANS: list = []
MIDDLEWARE: list = []
ROUTERS: list = []
READINESS: dict = {}
MIGRATIONS: list = []
