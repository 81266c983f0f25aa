"""`/health` tells that the process lives; `/ready` tells whether what it needs answers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

logger = logging.getLogger(__name__)

ReadinessCheck = Callable[[], Awaitable[None]]
"""Returns when the server answers, raises when it does not."""

CHECK_TIMEOUT = 2.0  # seconds


class Health(BaseModel):
    """The process lives."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """What answers; a check that fails is named by its error alone, which holds no secret."""

    status: Literal["ready", "unavailable"]
    checks: dict[str, str]


def router_for(checks: Mapping[str, ReadinessCheck]) -> APIRouter:
    """Return the two routes; every request to `/ready` asks all checks at the same time."""
    router = APIRouter(tags=["health"])

    @router.get("/health")
    async def health() -> Health:
        return Health()

    @router.get("/ready", responses={503: {"model": Readiness}})
    async def ready(response: Response) -> Readiness:
        results = await asyncio.gather(*(_ask(name, check) for name, check in checks.items()))
        fine = all(result == "ok" for result in results)
        if not fine:
            response.status_code = 503
        return Readiness(
            status="ready" if fine else "unavailable",
            checks=dict(zip(checks, results, strict=True)),
        )

    return router


async def _ask(name: str, check: ReadinessCheck) -> str:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT):
            await check()
    except Exception as error:
        logger.warning("%s is not ready: %s", name, type(error).__name__)
        return type(error).__name__
    return "ok"
