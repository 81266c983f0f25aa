"""The application of the project, with routes to try it on; run by uvicorn in the checks."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator

import httpx2
from fastapi import APIRouter, FastAPI, Request, WebSocket
from fastapi.responses import StreamingResponse
from sqlalchemy import text
from starlette.responses import PlainTextResponse
from starlette.staticfiles import StaticFiles

import core._metrics.otlp
from core.tracing import get_tracer
from db.database import SessionDep
from main import create_app

# The first batch imports its exporter, which takes a busy machine longer than the default.
core._metrics.otlp.SHUTDOWN_TIMEOUT = float(os.environ.get("SHUTDOWN_TIMEOUT", "60"))
core._metrics.otlp.CONNECT_TIMEOUT = 60.0

router = APIRouter(prefix="/users")
tracer = get_tracer(__name__)


@router.get("/{user}")
async def read_user(user: int, session: SessionDep) -> int:
    await session.execute(text("SELECT :secret"), {"secret": "hunter2"})
    return user


@router.get("/{user}/friends")
async def read_friends(request: Request) -> dict[str, str]:
    async with httpx2.AsyncClient() as client:
        answer = await client.get(str(request.url_for("echo")))
    return dict(answer.json())


mounted = FastAPI()


@mounted.get("/things/{thing}")
async def read_thing(thing: int) -> int:
    return thing


app = create_app()
app.include_router(router, prefix="/api/v1")
app.mount("/sub", mounted)
app.mount("/tenants/{tenant}", mounted)
app.add_route("/plain/{name}", lambda _: PlainTextResponse("plain"))
app.mount("/static", StaticFiles(directory="core"))


@app.get("/echo")
async def echo(request: Request) -> dict[str, str]:
    return {"traceparent": request.headers.get("traceparent", "")}


@app.get("/pid")
async def pid() -> int:
    return os.getpid()


@app.get("/bug")
async def bug() -> None:
    raise ValueError("bug")


@app.get("/slow")
async def slow(seconds: float = 30.0) -> str:
    await asyncio.sleep(seconds)
    return "done"


@app.post("/upload")
async def upload(request: Request) -> int:
    return len(await request.body())


@app.get("/stream")
async def stream(parts: int = 3) -> StreamingResponse:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(parts):
            await asyncio.sleep(0.1)
            yield b"."

    return StreamingResponse(body())


@app.get("/log")
async def log() -> None:
    with tracer.start_as_current_span("own"):
        logging.getLogger("shop").warning("logged")


@app.websocket("/ws")
async def ws(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()
