"""Run several lifespans as one."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Middleware = Callable[[ASGIApp], ASGIApp]


def combine(lifespans: Sequence[Lifespan]) -> Lifespan:
    """Return one lifespan that enters these in order and leaves them in reverse.

    When one fails to start, those before it are left.
    """

    @asynccontextmanager
    async def combined(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for lifespan in lifespans:
                await stack.enter_async_context(lifespan(app))
            yield

    return combined
