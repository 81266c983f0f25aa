"""The tour: real requests to the running application, and what came back."""

import json
import time
import urllib.error
import urllib.request

from demo.words import DemoError, say, step
from servers import OtlpReceiver, Redis

THING = "teapot"
SHOWN_METRICS = ("http_requests_total{", "http_request_duration_seconds_count{")
READY_TIMEOUT = 30.0
ROUTE_SPAN = "/prices/{thing}"


def health(url: str, redis: Redis) -> None:
    """Show that liveness is steady and readiness is truthful."""
    step("Is it well?")
    get(url, "/health")
    get_ready(url)
    redis.stop()
    get(url, "/ready", "   (Redis stopped)")
    redis.start_again()
    get_ready(url, "   (Redis started again)")


def cached_call(url: str) -> None:
    """Show one route twice: the second answer comes from Redis."""
    step("The same question twice; the catalogue takes half a second and is asked once")
    answers = [json.loads(get(url, f"/prices/{THING}")) for _ in range(2)]
    if answers[0] != answers[1]:
        raise DemoError(f"the second answer is not the remembered first one: {answers}")


def metrics(url: str) -> None:
    """Show what Prometheus would scrape about the calls."""
    step("What Prometheus scrapes from /metrics")
    lines = [line for line in read(url, "/metrics")[1].splitlines() if "/prices/" in line]
    chosen = [line for line in lines if line.startswith(SHOWN_METRICS)]
    if not chosen:
        raise DemoError("/metrics does not count the calls")
    say("\n".join(f"  {line}" for line in chosen))


def spans(traces: OtlpReceiver) -> None:
    """Show the trace of the slow call, as a collector received it over gRPC."""
    step("What a trace collector received")
    found = traces.wait_for(2, where=lambda span: ROUTE_SPAN in span["name"])
    slow = next(span["trace_id"] for span in found)
    for span in sorted(traces.spans(), key=lambda span: span["start"]):
        if span["trace_id"] == slow:
            say(f"  {(span['end'] - span['start']) / 1e6:7.1f} ms  {span['name']}")


def get_ready(url: str, remark: str = "") -> None:
    """Show readiness once the application is ready: a busy machine reconnects late."""
    deadline = time.monotonic() + READY_TIMEOUT
    while '"ready"' not in read(url, "/ready")[1] and time.monotonic() < deadline:
        time.sleep(0.1)
    get(url, "/ready", remark)


def get(url: str, path: str, remark: str = "") -> str:
    """Make a request, show status, time and body, and return the body."""
    before = time.perf_counter()
    status, body = read(url, path)
    milliseconds = 1000 * (time.perf_counter() - before)
    say(f"  GET {path}  {status}  {milliseconds:.0f} ms  {body}{remark}")
    return body


def read(url: str, path: str) -> tuple[int, str]:
    """Return status and body, of an error answer too."""
    try:
        with urllib.request.urlopen(f"{url}{path}", timeout=20) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
