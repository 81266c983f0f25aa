"""Counters of the WebSocket manager, for Prometheus where its client is installed."""

import importlib
import importlib.util
from typing import Any, Protocol


class Metric(Protocol):
    """What counters and gauges share."""

    def inc(self, amount: float = 1) -> None: ...

    def dec(self, amount: float = 1) -> None: ...


class _Nothing:
    def inc(self, amount: float = 1) -> None:
        pass

    def dec(self, amount: float = 1) -> None:
        pass


def _metric(kind: str, name: str, text: str, **options: str) -> Any:
    if importlib.util.find_spec("prometheus_client") is None:
        return _Nothing()
    client = importlib.import_module("prometheus_client")
    # A second import of this module, as test runners do, finds the metric of the first.
    known = client.REGISTRY._names_to_collectors.get(name)
    return known or getattr(client, kind)(name, text, **options)


CONNECTIONS: Metric = _metric(
    "Gauge", "ws_connections", "Open WebSocket connections", multiprocess_mode="livesum"
)
SENT: Metric = _metric(
    "Counter", "ws_messages_sent_total", "Messages put into the queue of a connection"
)
DROPPED: Metric = _metric(
    "Counter", "ws_messages_dropped_total", "Messages that a connection that was cut off lost"
)
UNPUBLISHED: Metric = _metric(
    "Counter", "ws_messages_unpublished_total", "Messages that did not reach Redis"
)
