"""Fixtures: applications under uvicorn, and a collector that keeps what it receives."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from checks.metrics.serving import Serve, Shop, Traced, served

import servers


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Return a function that runs the application until the test ends."""
    with ExitStack() as stack:
        yield lambda *options, **environment: stack.enter_context(
            served(tmp_path, *options, **environment)
        )


@pytest.fixture
def collector() -> Iterator[servers.OtlpReceiver]:
    """Return a collector of spans, on gRPC and HTTP."""
    with servers.OtlpReceiver.start() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def _traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    with servers.OtlpReceiver.start() as receiver:
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.grpc_endpoint,
            "OTEL_SERVICE_NAME": "tea",
            "OTEL_BSP_SCHEDULE_DELAY": "50",
            "LOG_FORMAT": "json",
        }
        with served(tmp_path_factory.mktemp("traced"), **environment) as shop:
            yield Traced(shop, receiver)


@pytest.fixture
def traced(_traced: Traced) -> Traced:
    """Return an application that tests share, and its collector with nothing in it."""
    _traced.spans()
    _traced.collector.clear()
    return _traced


@pytest.fixture(scope="session")
def untraced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Return an application without traces that tests share."""
    with served(tmp_path_factory.mktemp("shop"), OTEL_SDK_DISABLED="true") as shop:
        yield shop
