from features import chat

LIFESPANS = [
	chat.lifespan,
]
MIDDLEWARE = []
ROUTERS = [
	chat.router,
]
READINESS = {
	"chat": chat.ready,
}
MIGRATIONS = []
