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

    @router.head("/health", include_in_schema=False)
    @router.get("/health")
    async def health() -> Health:
        return Health()

    @router.head("/ready", include_in_schema=False)
    @router.get("/ready", responses={503: {"model": Readiness}})
    async def ready(response: Response) -> Readiness:
        results = await _ask_all(checks)
        failed = {name: result for name, result in results.items() if result != "ok"}
        if not failed:
            return Readiness(status="ready", checks=results)
        logger.warning("not ready: %s", failed)
        response.status_code = 503
        return Readiness(status="unavailable", checks=results)

    return router


async def _ask_all(checks: Mapping[str, ReadinessCheck]) -> dict[str, str]:
    tasks = {name: asyncio.create_task(_ask(check)) for name, check in checks.items()}
    try:
        # The answer does not wait for a check that is slow to give up, as a timeout would.
        if tasks:
            await asyncio.wait(tasks.values(), timeout=CHECK_TIMEOUT)
        return {
            name: task.result() if task.done() else "TimeoutError" for name, task in tasks.items()
        }
    finally:
        for task in tasks.values():
            task.cancel()


async def _ask(check: ReadinessCheck) -> str:
    try:
        await check()
    except (Exception, asyncio.CancelledError) as error:
        return type(error).__name__
    return "ok"
