"""Metrics of requests, and of your own."""

from collections.abc import AsyncIterator

import pytest
from fastapi import APIRouter, FastAPI
from httpx2 import ASGITransport, AsyncClient
from prometheus_client import REGISTRY, Counter

from core import metrics
from settings import settings

pytestmark = pytest.mark.skipif(not settings.metrics_enabled, reason="METRICS_ENABLED=false")

Measured = tuple[FastAPI, AsyncClient]


def count(path: str, status: int = 200, method: str = "GET") -> float:
    labels = {"method": method, "path": path, "status": str(status)}
    return REGISTRY.get_sample_value("http_requests_total", labels) or 0.0


@pytest.fixture
async def measured() -> AsyncIterator[Measured]:
    """Return an application with nothing but the middleware, and its client."""
    app = FastAPI()
    app.add_middleware(metrics.middleware)
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        yield app, client


async def test_requests_are_counted_by_route_template(measured: Measured) -> None:
    app, client = measured
    router = APIRouter(prefix="/cups")

    @router.get("/{cup}")
    async def cup(cup: int) -> int:
        return cup

    app.include_router(router, prefix="/v1")
    for path in ("/v1/cups/1", "/v1/cups/2", "/v1/cups/none"):
        await client.get(path)
    await client.delete("/v1/cups/1")
    template = "/v1/cups/{cup}"
    assert (count(template), count(template, 422), count(template, 405, "DELETE")) == (2, 1, 1)


async def test_clients_cannot_create_series(measured: Measured) -> None:
    _, client = measured
    before = count("unmatched", 404), count("unmatched", 404, "_OTHER")
    for number in range(20):
        await client.get(f"/{number}")
        await client.request(f"METHOD{number}", f"/{number}")
    assert count("unmatched", 404) == before[0] + 20
    assert count("unmatched", 404, "_OTHER") == before[1] + 20


async def test_metrics_endpoint_serves_the_prometheus_format(client: AsyncClient) -> None:
    await client.get("/health")
    response = await client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    assert 'http_requests_total{method="GET",path="/health",status="200"}' in response.text
    assert "http_requests_in_progress 0.0" in response.text
    assert "/metrics" not in (await client.get("/openapi.json")).json()["paths"]


async def test_metrics_endpoint_serves_metrics_of_your_own(client: AsyncClient) -> None:
    orders = Counter("test_orders_total", "Orders placed", ["payment"])
    try:
        orders.labels(payment="card").inc()
        response = await client.get("/metrics")
        assert 'test_orders_total{payment="card"} 1.0' in response.text
    finally:
        REGISTRY.unregister(orders)
