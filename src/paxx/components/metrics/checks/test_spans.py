"""Traces that a real collector receives from a real server."""

import importlib
import json
import socket
import uuid
from collections.abc import Callable

import pytest
from checks.metrics.serving import PATIENCE, Serve, Traced, wait_for
from websockets.sync.client import connect

import servers
from servers import OtlpReceiver, Span

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
SAMPLED = f"00-{TRACE_ID}-{CALLER}-01"
NOT_SAMPLED = f"00-{TRACE_ID}-{CALLER}-00"
SOON = {"OTEL_BSP_SCHEDULE_DELAY": "100"}
# What waits for an export, a request or a stop, fails by PATIENCE.
NEVER_ENDING = {"OTEL_EXPORTER_OTLP_TIMEOUT": str(10 * PATIENCE), "SHUTDOWN_TIMEOUT": "2"}
SMALL = {"OTEL_BSP_MAX_QUEUE_SIZE": "4", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "2"}


def of_kind(kind: str) -> Callable[[Span], bool]:
    return lambda span: span["kind"] == kind


def named(name: str) -> Callable[[Span], bool]:
    return lambda span: span["name"] == name


def http_client_is_traced() -> bool:
    try:
        clients = importlib.import_module("opentelemetry.instrumentation.httpx")
    except ImportError:  # it knows httpx alone
        return False
    return hasattr(clients, "HTTPX2ClientInstrumentor")


def test_7_3_1_a_request_is_a_server_span_with_its_sql_below(traced: Traced) -> None:
    traced.shop.get("/api/v1/users/1?token=hunter3")
    spans = traced.spans()
    [server] = filter(of_kind("server"), spans)
    assert server["name"] == "GET /api/v1/users/{user}"
    assert server["attributes"]["http.route"] == "/api/v1/users/{user}"
    assert server["resource"]["service.name"] == "tea"
    assert "hunter3" not in json.dumps(spans)
    [sql] = [span for span in spans if "SELECT" in span["name"]]
    assert (sql["trace_id"], sql["parent_id"]) == (server["trace_id"], server["span_id"])
    assert {span["kind"] for span in spans} == {"server", "client"}
    # 7.3.5: what a query looks for is not in its text.
    assert "hunter2" not in json.dumps(spans)


def test_7_3_1_a_mounted_application_makes_one_server_span(traced: Traced) -> None:
    traced.shop.get("/sub/things/1")
    [server] = traced.spans()
    assert server["name"] == "GET /sub/things/{thing}"


def test_7_3_1_calls_of_others_carry_the_trace(traced: Traced) -> None:
    path = "/api/v1/users/1/friends"
    passed_on = traced.shop.get(path, traceparent=SAMPLED).json()["traceparent"]
    spans = traced.spans()
    [friends] = filter(named("GET /api/v1/users/{user}/friends"), spans)
    assert friends["trace_id"] == TRACE_ID
    if not http_client_is_traced():
        assert passed_on == ""
        return
    [call] = [span for span in spans if span["kind"] == "client"]
    [echo] = filter(named("GET /echo"), spans)
    assert passed_on == f"00-{TRACE_ID}-{call['span_id']}-01"
    assert call["parent_id"] == friends["span_id"]
    assert echo["parent_id"] == call["span_id"]


def test_7_3_2_the_caller_is_continued_and_its_choice_respected(
    serve: Serve, collector: OtlpReceiver
) -> None:
    shop = serve(OTEL_EXPORTER_OTLP_ENDPOINT=collector.grpc_endpoint, OTEL_TRACES_SAMPLER_ARG="0.0")
    shop.get("/echo")
    shop.get("/docs", traceparent=NOT_SAMPLED)
    for header in ("baggage", "tracestate", "traceparent"):
        shop.get("/redoc", **{header: "tea=green"})
    shop.get("/pid", traceparent=SAMPLED)
    shop.stop()
    [server] = collector.spans()
    assert server["name"] == "GET /pid"
    assert (server["trace_id"], server["parent_id"]) == (TRACE_ID, CALLER)


def test_7_3_2_log_lines_carry_the_trace(traced: Traced) -> None:
    trace_id = uuid.uuid4().hex
    traced.shop.get("/log", traceparent=f"00-{trace_id}-{CALLER}-01")
    [own] = filter(named("own"), traced.spans())
    wait_for(lambda: "GET /log" in traced.shop.log.read_text())
    text = traced.shop.log.read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    [logged] = [line for line in lines if line["logger"] == "shop"]
    assert (logged["trace_id"], logged["span_id"]) == (trace_id, own["span_id"])
    [access] = [line for line in lines if line["message"] == "GET /log"]
    assert access["trace_id"] == trace_id
    [started] = [line for line in lines if "startup complete" in line["message"]]
    assert "trace_id" not in started


def test_7_3_3_switched_off_it_says_nothing(serve: Serve) -> None:
    shop = serve(OTEL_EXPORTER_OTLP_ENDPOINT="")
    shop.get("/echo")
    shop.stop()
    text = shop.log.read_text()
    assert "spans" not in text
    assert "opentelemetry" not in text
    assert "trace_id" not in text


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("path", "collector_is"),
    [("", "away"), ("", "silent"), ("/v1/traces", "silent")],
)
def test_7_3_3_without_a_collector_requests_do_not_wait(
    serve: Serve, path: str, collector_is: str
) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        if collector_is == "silent":
            listening.listen()
        target = f"http://127.0.0.1:{listening.getsockname()[1]}{path}"
        shop = serve(OTEL_EXPORTER_OTLP_ENDPOINT=target, **SOON, **SMALL, **NEVER_ENDING)

        def answers_while_spans_are_lost() -> bool:
            assert shop.get("/echo").status_code == 200
            return "spans are lost" in shop.log.read_text()

        wait_for(answers_while_spans_are_lost)
        shop.stop()
    lines = shop.log.read_text().splitlines()
    assert len([line for line in lines if "spans are lost" in line]) == 1
    assert not [line for line in lines if "Traceback" in line or "opentelemetry" in line]


@pytest.mark.parametrize(("transport", "workers"), [("http", 1), ("grpc", 2)])
def test_7_3_4_a_stop_delivers_the_last_spans(
    serve: Serve, collector: OtlpReceiver, transport: str, workers: int
) -> None:
    http = f"{collector.http_endpoint}/v1/traces"
    target = http if transport == "http" else collector.grpc_endpoint
    shop = serve("--workers", str(workers), OTEL_EXPORTER_OTLP_ENDPOINT=target)
    for _ in range(10):
        shop.get("/pid")
    shop.stop()
    assert len([span for span in collector.spans() if span["kind"] == "server"]) == 10


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
def test_7_3_5_probes_and_scrapes_and_their_sql_are_not_traced(traced: Traced, path: str) -> None:
    # Another component may wait for a server that these checks do without.
    answered = {200, 503} if path == "/ready" else {200}
    assert traced.shop.get(path).status_code in answered
    assert traced.shop.get(path, traceparent=SAMPLED).status_code in answered
    assert traced.spans() == []


@pytest.mark.nightly
def test_7_3_5_a_collector_that_comes_back_is_served(serve: Serve) -> None:
    port = servers.free_port()
    shop = serve(OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}", **SOON)
    shop.get("/echo")
    wait_for(lambda: "spans are lost" in shop.log.read_text())
    with OtlpReceiver.start(grpc_port=port) as late:
        shop.get("/pid")
        late.wait_for(1, PATIENCE, named("GET /pid"))


def test_7_3_5_an_error_marks_its_span(traced: Traced) -> None:
    assert traced.shop.get("/bug").status_code == 500
    [server] = filter(of_kind("server"), traced.spans())
    assert (server["name"], server["status"]) == ("GET /bug", "error")
    assert server["attributes"]["error.type"] == "ValueError"
    wait_for(lambda: '"GET /bug"' in traced.shop.log.read_text())
    lines = [line for line in traced.shop.log.read_text().splitlines() if "GET /bug" in line]
    assert [json.loads(line)["trace_id"] for line in lines] == [server["trace_id"]] * 2


def test_7_3_5_a_failed_request_that_is_left_out_has_a_trace_in_its_log_lines(
    serve: Serve, collector: OtlpReceiver
) -> None:
    tracing = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.grpc_endpoint}
    shop = serve(OTEL_TRACES_SAMPLER_ARG="0", LOG_FORMAT="json", **tracing)
    shop.get("/bug")
    shop.stop()
    lines = [line for line in shop.log.read_text().splitlines() if "GET /bug" in line]
    assert len({json.loads(line)["trace_id"] for line in lines}) == 1
    assert len(lines) == 2
    assert collector.spans() == []


def test_7_3_5_a_websocket_has_a_span(traced: Traced) -> None:
    with connect(f"ws://127.0.0.1:{traced.shop.port}/ws") as websocket:
        websocket.send("tea")
        websocket.recv()
    traced.collector.wait_for(1, PATIENCE, of_kind("server"))
    [server] = filter(of_kind("server"), traced.spans())
    assert server["name"] == "WS /ws"
