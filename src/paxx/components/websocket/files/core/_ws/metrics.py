"""Numbers of the WebSocket manager, for Prometheus where its client is installed."""

import importlib
import importlib.util


class Metric:
    """A metric that counts nothing; those of prometheus-client have the same methods."""

    def inc(self, amount: float = 1) -> None:
        """Add to the number."""

    def dec(self, amount: float = 1) -> None:
        """Subtract from the number."""


def _metric(kind: str, name: str, text: str, **options: str) -> Metric:
    if importlib.util.find_spec("prometheus_client") is None:
        return Metric()
    create = getattr(importlib.import_module("prometheus_client"), kind)
    try:
        metric: Metric = create(name, text, **options)
    except ValueError:  # a second import of this module: only the first one is exported
        metric = create(name, text, registry=None, **options)
    return metric


CONNECTIONS = _metric(
    "Gauge", "ws_connections", "Open WebSocket connections", multiprocess_mode="livesum"
)
SENT = _metric("Counter", "ws_messages_sent_total", "Messages put into the queue of a connection")
DROPPED = _metric(
    "Counter", "ws_messages_dropped_total", "Messages lost by connections that were cut off"
)
UNPUBLISHED = _metric(
    "Counter", "ws_messages_unpublished_total", "Messages that did not reach Redis"
)
