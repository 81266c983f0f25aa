"""`/health` reports that the process is alive; `/ready` whether it should receive requests."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from enum import Enum
from typing import Literal

from fastapi import FastAPI, Response
from pydantic import BaseModel

logger = logging.getLogger(__name__)

ReadinessCheck = Callable[[], Awaitable[None]]
"""Returns when the server answers, raises when it does not."""

TAGS: list[str | Enum] = ["health"]
CHECK_TIMEOUT = 2.0  # seconds
CLOCK_INTERVAL = 0.02  # seconds between two measurements of how late the event loop is


class Health(BaseModel):
    """The process is alive."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """The result of each check: `ok`, or the name of its error alone, which holds no secret."""

    status: Literal["ready", "degraded", "unavailable", "draining"]
    checks: dict[str, str]


def install(app: FastAPI, checks: Mapping[str, ReadinessCheck], critical: Collection[str]) -> None:
    """Add the two routes; every request to `/ready` runs all checks at the same time.

    Only the failure of a `critical` check makes the application unavailable. Raises ValueError
    when `critical` names a check that does not exist.
    """
    if unknown := set(critical) - set(checks):
        raise ValueError(f"CRITICAL names unknown readiness checks: {', '.join(sorted(unknown))}")
    app.state.is_draining = False  # until core/drain.py sets it
    # Not a router: each one costs every later route as much as five routes do.

    @app.head("/health", include_in_schema=False)
    @app.get("/health", tags=TAGS)
    async def health() -> Health:
        return Health()

    @app.head("/ready", include_in_schema=False)
    @app.get("/ready", tags=TAGS, responses={503: {"model": Readiness}})
    async def ready(response: Response) -> Readiness:
        if app.state.is_draining:
            response.status_code = 503
            return Readiness(status="draining", checks={})
        results, lateness = await _run_all(checks)
        failed = {name: result for name, result in results.items() if result != "ok"}
        if not failed:
            return Readiness(status="ready", checks=results)
        # Every timeout passes while the event loop is late: that proves nothing about a server.
        if failed.keys().isdisjoint(critical) or lateness > CHECK_TIMEOUT / 2:
            logger.warning("degraded: %s; event loop late by %.1f s", failed, lateness)
            return Readiness(status="degraded", checks=results)
        logger.warning("not ready: %s", failed)
        response.status_code = 503
        return Readiness(status="unavailable", checks=results)


async def _run_all(checks: Mapping[str, ReadinessCheck]) -> tuple[dict[str, str], float]:
    """Return the results, and how many seconds late the event loop was in total."""
    tasks = {name: asyncio.create_task(_run(check)) for name, check in checks.items()}
    pending = set(tasks.values())
    clock = asyncio.get_running_loop().time
    end = clock() + CHECK_TIMEOUT
    lateness = 0.0
    try:
        # The answer does not wait for a check that is slow to give up, as a timeout would.
        while pending and (start := clock()) < end:
            _, pending = await asyncio.wait(pending, timeout=CLOCK_INTERVAL)
            lateness += max(0.0, clock() - start - CLOCK_INTERVAL)
        results = {
            name: task.result() if task.done() else "TimeoutError" for name, task in tasks.items()
        }
        return results, lateness
    finally:
        for task in tasks.values():
            task.cancel()


async def _run(check: ReadinessCheck) -> str:
    try:
        await check()
    except (Exception, asyncio.CancelledError) as error:
        return type(error).__name__
    return "ok"
