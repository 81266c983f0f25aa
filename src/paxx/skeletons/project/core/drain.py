"""Announce a stop to load balancers: `/ready` answers 503 before the server stops listening."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType

from fastapi import FastAPI

from settings import settings


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Pass the first SIGTERM on to the server after DRAIN_SECONDS; Ctrl-C and a second one at once.

    The server has set its handler before the lifespan starts, as uvicorn does.
    """
    stop = signal.getsignal(signal.SIGTERM)
    is_main_thread = threading.current_thread() is threading.main_thread()
    if not settings.drain_seconds or not is_main_thread or not callable(stop):
        yield
        return
    loop = asyncio.get_running_loop()

    def drain(number: int, frame: FrameType | None) -> None:
        if app.state.is_draining:
            stop(number, frame)
            return
        app.state.is_draining = True
        loop.call_soon_threadsafe(loop.call_later, settings.drain_seconds, stop, number, None)

    signal.signal(signal.SIGTERM, drain)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, stop)
