"""Several lifespans as one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI

from core.lifespan import Lifespan, combine


def recorder(name: str, log: list[str], *, fails: bool = False) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        log.append(f"start {name}")
        if fails:
            raise RuntimeError(name)
        try:
            yield
        finally:
            log.append(f"stop {name}")

    return lifespan


async def test_they_start_in_order_and_stop_in_reverse() -> None:
    log: list[str] = []
    async with combine([recorder("a", log), recorder("b", log)])(FastAPI()):
        log.append("run")
    assert log == ["start a", "start b", "run", "stop b", "stop a"]


async def test_a_start_that_fails_stops_what_had_started() -> None:
    log: list[str] = []
    lifespan = combine([recorder("a", log), recorder("b", log, fails=True), recorder("c", log)])
    with pytest.raises(RuntimeError, match="b"):
        async with lifespan(FastAPI()):
            log.append("run")
    assert log == ["start a", "start b", "stop a"]
