"""Lifespans that come and go in one process, and processes that fork."""

import os
import subprocess
import sys

import pytest

from servers import OtlpReceiver

pytestmark = pytest.mark.nightly

TWICE = """
import asyncio, logging, warnings
from httpx2 import ASGITransport, AsyncClient
warnings.simplefilter("error")
import core._metrics.otlp
from main import create_app
core._metrics.otlp.CONNECT_TIMEOUT = core._metrics.otlp.SHUTDOWN_TIMEOUT = 60.0

async def once():
    app = create_app()
    async with app.router.lifespan_context(app):
        async with AsyncClient(transport=ASGITransport(app=app), base_url="http://test") as client:
            await client.get("/docs")

async def nested():
    outer = create_app()
    async with outer.router.lifespan_context(outer):
        await once()
        transport = ASGITransport(app=outer)
        async with AsyncClient(transport=transport, base_url="http://test") as client:
            await client.get("/redoc")
"""


def run(script: str, collector: OtlpReceiver) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("OTEL_")}
    result = subprocess.run(
        [sys.executable, "-c", TWICE + script],
        env=environment | {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.grpc_endpoint},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    return result.stdout


def names(collector: OtlpReceiver) -> list[str]:
    return sorted(span["name"] for span in collector.spans() if span["kind"] == "server")


def test_7_3_6_a_second_lifespan_sends_its_spans_too(collector: OtlpReceiver) -> None:
    printed = run("asyncio.run(once()); asyncio.run(once())", collector)
    assert "Overriding" not in printed
    assert "already instrumented" not in printed
    assert names(collector) == ["GET /docs", "GET /docs"]


def test_7_3_6_lifespans_inside_each_other_share_one_delivery(collector: OtlpReceiver) -> None:
    run("asyncio.run(nested())", collector)
    assert names(collector) == ["GET /docs", "GET /redoc"]


def test_7_3_6_a_provider_that_something_else_set_is_left_alone(collector: OtlpReceiver) -> None:
    script = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
foreign = TracerProvider(shutdown_on_exit=False)
trace.set_tracer_provider(foreign)
asyncio.run(once())
assert trace.get_tracer_provider() is foreign
"""
    assert "Overriding" not in run(script, collector)
    assert names(collector) == []


def test_7_3_6_a_process_may_fork_after_the_import(collector: OtlpReceiver) -> None:
    script = """
import os
children = []
for _ in range(2):
    child = os.fork()
    if child == 0:
        asyncio.run(once())
        os._exit(0)
    children.append(child)
for child in children:
    assert os.waitpid(child, 0)[1] == 0
"""
    run(script, collector)
    assert names(collector) == ["GET /docs", "GET /docs"]
