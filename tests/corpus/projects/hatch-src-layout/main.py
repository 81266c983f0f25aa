from fastapi import FastAPI

from core.lifespan import combine
from wiring import LIFESPANS, ROUTERS

app = FastAPI(lifespan=combine(LIFESPANS))
for router in ROUTERS:
    app.include_router(router)
