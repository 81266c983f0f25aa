"""The examples of the contract, unchanged, in a project with all components."""

from pathlib import Path

import pytest

import servers
from tests.e2e.real import RealShop, as_script

pytestmark = pytest.mark.xdist_group("all")

REDIS_USAGE = """
from core.cache import cache_get, cache_set, cache_delete, get_redis

# Simple caching
await cache_set("user:123", {"name": "John"}, expire=3600)
user = await cache_get("user:123")
await cache_delete("user:123")

# Direct Redis access
redis = await get_redis()
await redis.incr("page_views")
"""

METRICS_USAGE = """
from core.metrics import (
    REQUEST_COUNT,
    REQUEST_LATENCY,
    ACTIVE_REQUESTS,
)

# Metrics are automatically collected via middleware
# Access at /metrics endpoint
"""

SPANS_USAGE = """
from core.tracing import get_tracer

tracer = get_tracer(__name__)

async def process_order(order_id: int):
    with tracer.start_as_current_span("process_order") as span:
        span.set_attribute("order.id", order_id)
        # Your logic here
"""

ORDER = (
    SPANS_USAGE
    + """

from fastapi import APIRouter

router = APIRouter()

@router.post("/orders/{order_id}")
@router.get("/orders/{order_id}")
async def order(order_id: int):
    await process_order(order_id)
    return {"id": order_id}
"""
)


def test_the_cache_example_runs(full_shop: RealShop, redis: servers.Redis) -> None:
    then = """
assert user == {"name": "John"}
assert await cache_get("user:123") is None
assert int(await redis.get("page_views")) >= 1
print("ran")
"""
    script = as_script(REDIS_USAGE, then)
    assert full_shop.tool("python", "-c", script, env={"REDIS_URL": redis.url}).endswith("ran\n")


def test_the_built_in_metrics_have_the_names_of_the_contract(full_shop: RealShop) -> None:
    then = """
print([metric.describe()[0].name for metric in (REQUEST_COUNT, REQUEST_LATENCY, ACTIVE_REQUESTS)])
print(REQUEST_COUNT._labelnames)
"""
    printed = full_shop.tool("python", "-c", METRICS_USAGE + then)
    names = "['http_requests', 'http_request_duration_seconds', 'http_requests_in_progress']"
    assert names in printed
    assert "('method', 'path', 'status')" in printed


def test_metrics_are_collected_and_served(full_shop: RealShop, environment: dict[str, str]) -> None:
    with full_shop.serve(env=environment) as app:
        app.get("/nowhere")
        exposed = app.get("/metrics").body.decode()
    assert 'http_requests_total{method="GET"' in exposed
    assert 'status="404"' in exposed
    assert "http_request_duration_seconds_bucket" in exposed
    assert "http_requests_in_progress" in exposed


def test_custom_spans_reach_the_collector(
    full_shop: RealShop, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "contract_orders.py").write_text(ORDER)
    (tmp_path / "contract_app.py").write_text(
        "from main import create_app\nfrom contract_orders import router\n"
        "app = create_app()\napp.include_router(router)\n"
    )
    with servers.OtlpReceiver.start() as collector:
        env = environment | {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.grpc_endpoint,
            "OTEL_SERVICE_NAME": "contract",
            "PYTHONPATH": str(tmp_path),
        }
        with full_shop.serve(env=env, app="contract_app:app") as app:
            assert app.get("/orders/7").json == {"id": 7}
        [order] = collector.wait_for(1, where=lambda span: span["name"] == "process_order")
        [server] = collector.wait_for(1, where=lambda span: span["kind"] == "server")
    assert order["attributes"]["order.id"] == 7
    assert order["resource"]["service.name"] == "contract"
    assert order["trace_id"] == server["trace_id"]
