"""`/health` tells that the process lives; `/ready` tells whether what it needs answers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from typing import Literal

from fastapi import FastAPI, Response
from pydantic import BaseModel

logger = logging.getLogger(__name__)

ReadinessCheck = Callable[[], Awaitable[None]]
"""Returns when the server answers, raises when it does not."""

TAGS: list[str | Enum] = ["health"]
CHECK_TIMEOUT = 2.0  # seconds


class Health(BaseModel):
    """The process lives."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """What answers; a check that fails is named by its error alone, which holds no secret."""

    status: Literal["ready", "unavailable"]
    checks: dict[str, str]


def install(app: FastAPI, checks: Mapping[str, ReadinessCheck]) -> None:
    """Add the two routes; every request to `/ready` asks all checks at the same time."""
    # Not a router: each one costs every later route as much as five routes do.

    @app.head("/health", include_in_schema=False)
    @app.get("/health", tags=TAGS)
    async def health() -> Health:
        return Health()

    @app.head("/ready", include_in_schema=False)
    @app.get("/ready", tags=TAGS, responses={503: {"model": Readiness}})
    async def ready(response: Response) -> Readiness:
        results = await _ask_all(checks)
        failed = {name: result for name, result in results.items() if result != "ok"}
        if not failed:
            return Readiness(status="ready", checks=results)
        logger.warning("not ready: %s", failed)
        response.status_code = 503
        return Readiness(status="unavailable", checks=results)


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
