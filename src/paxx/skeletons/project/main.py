"""The application: puts together what wiring.py lists."""

from fastapi import FastAPI

import core.access_log
import core.drain
import core.errors
import core.health
import core.hosts
import core.logging
from core.lifespan import combine
from core.openapi import operation_id
from settings import settings
from wiring import CRITICAL, LIFESPANS, MIDDLEWARE, READINESS, ROUTERS


def create_app() -> FastAPI:
    """Return a new application; it reaches for no server before it is asked to."""
    core.logging.configure(settings.log_level, settings.log_format)
    app = FastAPI(
        title=settings.app_name,
        openapi_url="/openapi.json" if settings.has_docs else None,
        lifespan=combine([core.access_log.lifespan, *LIFESPANS, core.drain.lifespan]),
        responses=core.errors.RESPONSES,
        generate_unique_id_function=operation_id,
        max_body_size=settings.max_body_bytes,
        telemetry={"tracing": False},  # `core.tracing`, where installed, makes the spans
    )
    core.errors.install(app)
    core.hosts.install(app)
    for middleware in reversed(MIDDLEWARE):
        app.add_middleware(middleware)
    app.add_middleware(core.access_log.AccessLog)
    core.health.install(app, READINESS, CRITICAL)
    for router in ROUTERS:
        app.include_router(router)
    return app


app = create_app()
