"""The trace receiver, fed over real connections."""

import gzip
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import grpc  # type: ignore[import-untyped]
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import (
    AnyValue,
    ArrayValue,
    InstrumentationScope,
    KeyValue,
    KeyValueList,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1 import trace_pb2

from servers import OtlpReceiver, Span

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).parents[2]
METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


@pytest.fixture
def receiver() -> Iterator[OtlpReceiver]:
    with OtlpReceiver.start() as started:
        yield started


def request(*names: str) -> ExportTraceServiceRequest:
    text = KeyValue(key="http.route", value=AnyValue(string_value="/flowers"))
    numbers = ArrayValue(values=[AnyValue(int_value=1), AnyValue(bool_value=True)])
    nested = KeyValueList(values=[KeyValue(key="inner", value=AnyValue(double_value=0.5))])
    spans = [
        trace_pb2.Span(
            name=name,
            kind=trace_pb2.Span.SPAN_KIND_SERVER,
            trace_id=bytes(range(16)),
            span_id=b"12345678",
            start_time_unix_nano=1,
            end_time_unix_nano=5_000_001,
            status=trace_pb2.Status(code=trace_pb2.Status.STATUS_CODE_ERROR),
            attributes=[
                text,
                KeyValue(key="list", value=AnyValue(array_value=numbers)),
                KeyValue(key="map", value=AnyValue(kvlist_value=nested)),
                KeyValue(key="nothing"),
            ],
        )
        for name in names
    ]
    scoped = trace_pb2.ScopeSpans(scope=InstrumentationScope(name="test"), spans=spans)
    service = KeyValue(key="service.name", value=AnyValue(string_value="shop"))
    resource = Resource(attributes=[service])
    group = trace_pb2.ResourceSpans(resource=resource, scope_spans=[scoped])
    return ExportTraceServiceRequest(resource_spans=[group])


def send_grpc(endpoint: str, message: ExportTraceServiceRequest) -> None:
    with grpc.insecure_channel(endpoint.removeprefix("http://")) as channel:
        channel.unary_unary(METHOD)(message.SerializeToString(), timeout=60)


def post(url: str, body: bytes, **headers: str) -> int:
    sent = urllib.request.Request(url, body, headers)
    with urllib.request.urlopen(sent, timeout=60) as response:
        status: int = response.status
        return status


def test_a_span_sent_over_grpc_becomes_plain_values(receiver: OtlpReceiver) -> None:
    send_grpc(receiver.grpc_endpoint, request("GET /flowers"))
    assert receiver.spans() == [
        Span(
            name="GET /flowers",
            kind="server",
            trace_id="000102030405060708090a0b0c0d0e0f",
            span_id=b"12345678".hex(),
            parent_id="",
            start=1,
            end=5_000_001,
            status="error",
            attributes={
                "http.route": "/flowers",
                "list": [1, True],
                "map": {"inner": 0.5},
                "nothing": None,
            },
            resource={"service.name": "shop"},
            scope="test",
        )
    ]


def test_spans_sent_over_http_arrive_plain_and_compressed(receiver: OtlpReceiver) -> None:
    url = f"{receiver.http_endpoint}/v1/traces"
    body = request("first").SerializeToString()
    assert post(url, body) == 200
    assert post(url, gzip.compress(request("second").SerializeToString()), **GZIP) == 200
    assert [span["name"] for span in receiver.spans()] == ["first", "second"]


GZIP = {"Content-Encoding": "gzip"}


def test_other_signals_are_not_found(receiver: OtlpReceiver) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404") as caught:
        post(f"{receiver.http_endpoint}/v1/metrics", b"")
    caught.value.close()
    assert receiver.spans() == []


def test_wait_for_returns_when_the_last_span_arrives(receiver: OtlpReceiver) -> None:
    sender = threading.Timer(0.1, send_grpc, [receiver.grpc_endpoint, request("late")])
    sender.start()
    found = receiver.wait_for(1, where=lambda span: span["name"] == "late")
    sender.join()
    assert len(found) == 1


def test_wait_for_names_what_has_arrived_instead(receiver: OtlpReceiver) -> None:
    send_grpc(receiver.grpc_endpoint, request("other"))
    with pytest.raises(TimeoutError, match=r"0 of 1 spans after 0.05 s; arrived: \['other'\]"):
        receiver.wait_for(1, timeout=0.05, where=lambda span: span["name"] == "wanted")


def test_cleared_spans_are_forgotten(receiver: OtlpReceiver) -> None:
    send_grpc(receiver.grpc_endpoint, request("old"))
    receiver.clear()
    assert receiver.spans() == []


def test_a_closed_receiver_frees_its_ports(receiver: OtlpReceiver) -> None:
    receiver.close()
    with OtlpReceiver.start(receiver.grpc_port, receiver.http_port) as second:
        assert second.http_endpoint == receiver.http_endpoint
        send_grpc(second.grpc_endpoint, request("again"))
        assert len(second.spans()) == 1


def test_the_command_line_prints_each_span() -> None:
    command = [sys.executable, "-m", "servers", "otlp"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        endpoint = serving.stdout.readline().split(" ")[0]
        send_grpc(endpoint, request("GET /flowers"))
        assert "5.0 ms  GET /flowers" in serving.stdout.readline()
        serving.terminate()
        assert serving.wait(20) == 0
