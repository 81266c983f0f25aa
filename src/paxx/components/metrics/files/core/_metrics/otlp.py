"""Delivery of spans to an OpenTelemetry collector, which may be away."""

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Sequence
from time import monotonic
from urllib.parse import urlsplit
from urllib.request import getproxies

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

logger = logging.getLogger(__name__)
# Those of the exporters and, by release, of the queue before them.
LOGGERS = [
    logging.getLogger(f"opentelemetry.{name}")
    for name in ("exporter", "sdk.trace.export", "sdk._shared_internal")
]

CONNECT_TIMEOUT = 1.0  # seconds to find out whether a collector listens
SHUTDOWN_TIMEOUT = 2.0  # seconds for the last batch
WARNING_INTERVAL = 60.0  # seconds between two warnings of spans that are lost


def batches(url: str) -> SpanProcessor:
    """Return a processor that sends spans to this URL from a thread of its own, every 5 s.

    OTLP over HTTP when the port is 4318 or the URL has a path, `/v1/traces` being added to it;
    otherwise over gRPC, encrypted when the scheme is https. A collector that is away costs
    the spans and one warning.
    """
    return BatchSpanProcessor(_Exporter(url if "://" in url else f"http://{url}"))


async def close(processor: SpanProcessor) -> None:
    """Send what is left, for at most SHUTDOWN_TIMEOUT; the event loop stays free."""
    # A thread of its own: that of an executor would be waited for when the process ends.
    loop = asyncio.get_running_loop()
    closed = asyncio.Event()

    def close() -> None:
        processor.shutdown()
        with contextlib.suppress(RuntimeError):  # the loop has not waited
            loop.call_soon_threadsafe(closed.set)

    threading.Thread(target=close, name="last-spans", daemon=True).start()
    try:
        async with asyncio.timeout(SHUTDOWN_TIMEOUT):
            await closed.wait()
    except TimeoutError:
        LOGGERS[0].warning("the last batch took more than %s s", SHUTDOWN_TIMEOUT)


class _Exporter(SpanExporter):
    # Built by the first batch, in the thread of the batches: the start waits for nothing.
    def __init__(self, url: str) -> None:
        self._url = url
        self._complaints = _Complaints(self._url)
        self._inner: SpanExporter | None = None

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            if self._inner is None:
                self._inner = exporter(self._url)
            _reach(self._url)
            result = self._inner.export(spans)
        except Exception as error:
            self._complaints.say(f"{type(error).__name__}: {error}")
            return SpanExportResult.FAILURE
        if result is SpanExportResult.SUCCESS:
            self._complaints.lost = False
        return result

    def shutdown(self) -> None:
        if self._inner is not None:
            self._inner.shutdown()


def exporter(url: str) -> SpanExporter:
    """Return what speaks the protocol that the URL stands for; see `batches`."""
    parts = urlsplit(url)
    if parts.port != 4318 and parts.path in {"", "/"}:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
            OTLPSpanExporter as GrpcExporter,
        )

        return GrpcExporter(endpoint=url, insecure=parts.scheme != "https")
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    path = parts.path.removesuffix("/").removesuffix("/v1/traces") + "/v1/traces"
    return OTLPSpanExporter(endpoint=parts._replace(path=path).geturl())


def _reach(url: str) -> None:
    # The exporters try again for seconds, one to each batch, and hold up the shutdown.
    parts = urlsplit(url)
    proxied = {"http", "https", "all"} & getproxies().keys()
    if parts.hostname and not proxied:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname, port), CONNECT_TIMEOUT).close()


class _Complaints(logging.Handler):
    # Takes what they log, which is a line or a traceback for every batch, and for a full queue.
    def __init__(self, url: str) -> None:
        super().__init__(logging.WARNING)
        self._url = url
        self._last = -WARNING_INTERVAL
        self.lost = False
        for each in LOGGERS:
            each.handlers = [self]
            each.propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        self.say(record.getMessage())

    def say(self, reason: str) -> None:
        """Warn at the first span that is lost, and again after some have arrived."""
        if not self.lost and monotonic() - self._last >= WARNING_INTERVAL:
            self._last = monotonic()
            logger.warning("spans are lost on the way to %s: %s", self._url, reason)
        self.lost = True
