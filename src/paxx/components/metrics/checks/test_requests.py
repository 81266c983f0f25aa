"""Metrics over a socket."""

import os
import re
import signal
import socket
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import httpx2
import pytest
from checks.metrics.serving import Serve, Shop, wait_for
from prometheus_client.parser import text_string_to_metric_families
from websockets.sync.client import connect

EXOTIC = ("PROPFIND", "MKCOL", "LOCK", "REPORT", "PURGE", "LINK")


def count(metrics: str, path: str, status: int = 200, method: str = "GET") -> float:
    line = f'http_requests_total{{method="{method}",path="{path}",status="{status}"}} '
    found = re.search(re.escape(line) + r"(\S+)", metrics)
    return float(found[1]) if found else 0.0


def in_progress(metrics: str) -> float:
    found = re.search(r"^http_requests_in_progress (\S+)$", metrics, re.MULTILINE)
    assert found is not None, metrics
    return float(found[1])


def wait_until_idle(shop: Shop) -> str:
    wait_for(lambda: in_progress(shop.metrics()) == 0)
    return shop.metrics()


def series(metrics: str) -> set[str]:
    return {line.rpartition(" ")[0] for line in metrics.splitlines() if "_total{" in line}


def test_6_4_1_the_metrics_are_exactly_those_of_the_contract(untraced: Shop) -> None:
    untraced.get("/health")
    families = {each.name: each for each in text_string_to_metric_families(untraced.metrics())}
    ours = {name: family for name, family in families.items() if name.startswith("http_")}
    kinds = {name: family.type for name, family in ours.items() if not name.endswith("_created")}
    assert kinds == {
        "http_requests": "counter",
        "http_request_duration_seconds": "histogram",
        "http_requests_in_progress": "gauge",
    }
    [sample, *_] = [each for each in ours["http_requests"].samples if each.name.endswith("_total")]
    assert set(sample.labels) == {"method", "path", "status"}
    assert re.fullmatch(r"\d{3}", sample.labels["status"])


def test_6_4_2_ten_thousand_paths_and_a_hundred_methods_make_two_series(untraced: Shop) -> None:
    before = series(untraced.metrics())
    with httpx2.Client(base_url=untraced.url) as client:
        client.get("/health")
        for number in range(100):
            client.request(f"METHOD{number}", f"/{number}")  # refused by uvicorn's own parser
        for method in EXOTIC:
            client.request(method, f"/{method}")
    request = b"".join(b"GET /p%d HTTP/1.1\r\nHost: x\r\n\r\n" % number for number in range(250))
    for _ in range(40):
        with socket.create_connection(("127.0.0.1", untraced.port)) as connection:
            connection.sendall(request)
            answers = b""
            while answers.count(b"HTTP/1.1 404") < 250 and (data := connection.recv(65536)):
                answers += data
    metrics = untraced.metrics()
    new = {each for each in series(metrics) - before if "unmatched" in each}
    assert len(new) <= 2
    assert count(metrics, "unmatched", 404) >= 10_000
    assert count(metrics, "unmatched", 404, "_OTHER") == len(EXOTIC)


@pytest.mark.parametrize(
    ("template", "paths", "status"),
    [
        ("/api/v1/users/{user}", ("/api/v1/users/1", "/api/v1/users/2"), 200),
        ("/sub/things/{thing}", ("/sub/things/1", "/sub/things/2"), 200),
        ("/tenants/{tenant}/things/{thing}", ("/tenants/a/things/1", "/tenants/b/things/2"), 200),
        ("/plain/{name}", ("/plain/a", "/plain/b"), 200),
        ("/static/{path}", ("/static/metrics.py", "/static/tracing.py"), 200),
        ("unmatched", ("/echo/", "/pid/"), 307),
        ("/docs", ("/docs", "/docs?x"), 200),
    ],
)
def test_6_4_3_a_route_is_one_series(
    untraced: Shop, template: str, paths: tuple[str, str], status: int
) -> None:
    assert [untraced.get(path).status_code for path in paths] == [status, status]
    assert count(untraced.metrics(), template, status) == 2


def test_6_4_3_a_root_path_is_no_part_of_the_template(serve: Serve) -> None:
    shop = serve("--root-path", "/proxied", OTEL_SDK_DISABLED="true")
    shop.get("/api/v1/users/1")
    shop.get("/sub/things/1")
    metrics = shop.metrics()
    assert count(metrics, "/api/v1/users/{user}") == 1
    assert count(metrics, "/sub/things/{thing}") == 1
    assert '/metrics"' not in metrics


def test_6_4_4_errors_are_counted_and_nothing_stays_in_progress(untraced: Shop) -> None:
    for path in ("/bug", "/api/v1/users/x"):
        untraced.get(path)
    httpx2.delete(f"{untraced.url}/bug")
    metrics = wait_until_idle(untraced)
    assert count(metrics, "/bug", 500) == 1
    assert count(metrics, "/bug", 405, "DELETE") == 1
    assert count(metrics, "/api/v1/users/{user}", 422) == 1


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("request_line", "template"),
    [
        (b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nten bytes.", "/upload"),
        (b"GET /stream?parts=200 HTTP/1.1\r\nHost: x\r\n\r\n", "/stream"),
        (b"GET /slow?seconds=8 HTTP/1.1\r\nHost: x\r\n\r\n", "/slow"),
    ],
)
def test_6_4_4_a_client_that_leaves_is_counted_once(
    untraced: Shop, request_line: bytes, template: str
) -> None:
    pattern = re.compile(rf'^http_requests_total{{.*path="{template}".*}} (\S+)$', re.MULTILINE)
    before = sum(map(float, pattern.findall(untraced.metrics())))
    with socket.create_connection(("127.0.0.1", untraced.port)) as connection:
        connection.sendall(request_line)
        wait_for(lambda: in_progress(untraced.metrics()) == 1)
    metrics = wait_until_idle(untraced)
    assert sum(map(float, pattern.findall(metrics))) == before + 1
    assert count(metrics, template, 500, "POST") == 0


def test_6_4_4_a_request_that_the_shutdown_cancels_does_not_break_it(serve: Serve) -> None:
    shop = serve("--timeout-graceful-shutdown", "1", OTEL_SDK_DISABLED="true")
    with socket.create_connection(("127.0.0.1", shop.port)) as connection:
        connection.sendall(b"GET /slow?seconds=600 HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_for(lambda: in_progress(shop.metrics()) == 1)
        shop.stop()
    assert "core/metrics.py" not in shop.log.read_text().partition("Cancel")[0]


@pytest.mark.nightly
def test_6_4_5_a_stream_is_in_progress_until_its_last_byte(untraced: Shop) -> None:
    def total(metrics: str) -> float:
        line = r'http_request_duration_seconds_sum\{method="GET",path="/stream"\} (\S+)'
        return sum(map(float, re.findall(line, metrics)))

    before = total(untraced.metrics())
    with httpx2.stream("GET", f"{untraced.url}/stream?parts=60") as response:
        parts = response.iter_raw()
        next(parts)
        assert in_progress(untraced.metrics()) == 1
        list(parts)
    assert total(wait_until_idle(untraced)) - before >= 6


def test_6_4_5_a_websocket_is_no_request(untraced: Shop) -> None:
    before = series(untraced.metrics())
    with connect(f"ws://127.0.0.1:{untraced.port}/ws") as websocket:
        websocket.send("tea")
        assert in_progress(untraced.metrics()) == 0
        assert websocket.recv() == "tea"
    assert series(untraced.metrics()) == before


@pytest.mark.nightly
def test_6_4_6_workers_add_up_even_after_one_was_killed(serve: Serve, tmp_path: Path) -> None:
    environment = {"TMPDIR": str(tmp_path), "OTEL_SDK_DISABLED": "true"}
    shop = serve("--workers", "2", **environment)
    [directory] = tmp_path.glob("metrics-*")
    pids = [shop.get("/pid").json() for _ in range(40)]
    assert count(shop.metrics(), "/pid") == 40
    assert in_progress(shop.metrics()) == 0

    with closing(HTTPConnection("127.0.0.1", shop.port)) as connection:
        connection.request("GET", "/pid")
        victim = int(connection.getresponse().read())
        connection.request("GET", "/slow")
        wait_for(lambda: in_progress(shop.metrics()) == 1)
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda: in_progress(shop.metrics()) == 0)
    assert victim in pids or len(set(pids)) == 1
    wait_for(lambda: len({shop.get("/pid").json() for _ in range(20)} - {victim}) == 2)
    assert not list(directory.glob(f"gauge_live*_{victim}.db"))
    total = count(shop.metrics(), "/pid")
    for _ in range(10):
        shop.get("/pid")
    assert total >= 41 + 20
    assert count(shop.metrics(), "/pid") == total + 10
    shop.stop()

    # Nothing is left of the run before.
    again = serve("--workers", "2", **environment)
    for _ in range(10):
        again.get("/pid")
    assert count(again.metrics(), "/pid") == 10


def test_6_4_7_switched_off_there_is_no_endpoint(serve: Serve) -> None:
    shop = serve(METRICS_ENABLED="false", OTEL_SDK_DISABLED="true")
    assert shop.get("/metrics").status_code == 404


def test_6_4_8_the_exposition_parses_and_has_help_and_types(untraced: Shop) -> None:
    untraced.get("/health")
    plain = untraced.get("/metrics", accept="text/plain;version=0.0.4")
    assert plain.headers["content-type"].startswith("text/plain; version=")
    assert plain.headers["content-encoding"] == "gzip"
    for family in text_string_to_metric_families(plain.text):
        assert family.documentation
        assert family.type != "unknown"
    identity = untraced.get("/metrics", **{"accept-encoding": "identity"})
    assert "content-encoding" not in identity.headers


def test_metrics_outside_development_need_the_token(serve: Serve) -> None:
    production = {"ENVIRONMENT": "staging", "SECRET_KEY": "s" * 32, "OTEL_SDK_DISABLED": "true"}
    closed = serve(**production)
    assert closed.get("/metrics").status_code == 401
    assert "METRICS_TOKEN is empty" in closed.log.read_text()
    shop = serve(METRICS_TOKEN="hunter2", **production)
    statuses = [
        shop.get("/metrics", authorization=value).status_code
        for value in ("", "Bearer hunter", "Bearer hunter2")
    ]
    assert statuses == [401, 401, 200]


def test_the_access_log_is_written_while_it_runs_and_complete_after_a_stop(serve: Serve) -> None:
    shop = serve(OTEL_SDK_DISABLED="true")
    shop.get("/echo?token=hunter2")
    wait_for(lambda: "GET /echo status=200" in shop.log.read_text())
    for _ in range(100):
        shop.get("/pid")
    shop.stop()
    text = shop.log.read_text()
    assert text.count("GET /pid status=200") == 100
    assert "hunter2" not in text
    assert "GET /health" not in text
