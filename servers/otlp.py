"""An OpenTelemetry trace receiver: gRPC and HTTP/protobuf, spans kept in memory.

It needs `grpcio` and `opentelemetry-proto`, which a project with the OTLP exporters has; they are
imported when a receiver starts, because the other servers do without.
"""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypedDict

from servers.ports import HOST

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer


class Span(TypedDict):
    """One finished span: ids in hexadecimal, times in nanoseconds since the epoch."""

    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    start: int
    end: int
    status: str
    attributes: dict[str, Any]
    resource: dict[str, Any]
    scope: str


class OtlpReceiver:
    """Receives spans on two free ports in threads of this process; made by `OtlpReceiver.start`."""

    def __init__(self, on_span: Callable[[Span], None] | None = None) -> None:
        self._spans: list[Span] = []
        self._arrived = threading.Condition()
        self._on_span = on_span
        self._grpc: Any = None
        self._http: ThreadingHTTPServer | None = None
        self.grpc_port = 0
        self.http_port = 0

    @classmethod
    def start(
        cls,
        grpc_port: int = 0,
        http_port: int = 0,
        on_span: Callable[[Span], None] | None = None,
    ) -> Self:
        """Return a receiver that listens; 0 means any free port, `on_span` sees each arrival."""
        from servers.otlp_transport import serve_grpc, serve_http  # noqa: PLC0415  needs grpcio

        receiver = cls(on_span)
        receiver._grpc, receiver.grpc_port = serve_grpc(receiver.add, HOST, grpc_port)
        receiver._http, receiver.http_port = serve_http(receiver.add, HOST, http_port)
        return receiver

    @property
    def grpc_endpoint(self) -> str:
        """Address for the gRPC exporter."""
        return f"http://{HOST}:{self.grpc_port}"

    @property
    def http_endpoint(self) -> str:
        """Base address for the HTTP exporter, which adds `/v1/traces`."""
        return f"http://{HOST}:{self.http_port}"

    def add(self, spans: list[Span]) -> None:
        """Keep spans; called from the threads of both transports."""
        with self._arrived:
            self._spans += spans
            self._arrived.notify_all()
        if self._on_span is not None:
            for span in spans:
                self._on_span(span)

    def spans(self) -> list[Span]:
        """Return what has arrived so far, in order of arrival."""
        with self._arrived:
            return list(self._spans)

    def clear(self) -> None:
        """Forget what has arrived."""
        with self._arrived:
            self._spans.clear()

    def wait_for(
        self,
        count: int = 1,
        timeout: float = 30.0,
        where: Callable[[Span], bool] = lambda _: True,
    ) -> list[Span]:
        """Return the spans that match once there are `count`; TimeoutError after `timeout` s."""
        deadline = time.monotonic() + timeout
        with self._arrived:
            while len(found := [span for span in self._spans if where(span)]) < count:
                if not self._arrived.wait(deadline - time.monotonic()):
                    names = [span["name"] for span in self._spans]
                    message = f"{len(found)} of {count} spans after {timeout} s; arrived: {names}"
                    raise TimeoutError(message)
        return found

    def close(self) -> None:
        """Stop listening; what has arrived stays readable."""
        if self._grpc is not None:
            self._grpc.stop(grace=None).wait()
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
        self._grpc = self._http = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
