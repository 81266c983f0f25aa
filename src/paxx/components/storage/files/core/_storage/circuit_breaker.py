"""A circuit breaker around S3: while it is unreachable, calls fail at once.

One call in PROBE_INTERVAL tries the server again.
"""

import logging
import time

from core._storage.types import StorageUnavailableError

logger = logging.getLogger(__name__)

PROBE_INTERVAL = 0.25  # seconds


class CircuitBreaker:
    """State of one client; closed at first."""

    def __init__(self) -> None:
        self.next_probe: float | None = None  # None: the circuit is closed

    def check(self) -> None:
        """Raise StorageUnavailableError while the circuit is open, except for a probe."""
        if self.next_probe is None:
            return
        now = time.monotonic()
        if now < self.next_probe:
            raise StorageUnavailableError("S3 is unreachable; calls fail until it answers a probe")
        self.next_probe = now + PROBE_INTERVAL  # concurrent calls do not probe as well

    def record_success(self) -> None:
        """Close the circuit."""
        if self.next_probe is not None:
            self.next_probe = None
            logger.info("S3 is reachable again")

    def record_failure(self, error: Exception) -> None:
        """Open the circuit."""
        if self.next_probe is None:
            logger.warning("S3 is unreachable (%s)", type(error).__name__)
        self.next_probe = time.monotonic() + PROBE_INTERVAL
