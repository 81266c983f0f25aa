"""A circuit breaker around Redis: calls through this module continue without the server.

While Redis is unreachable, reads miss and writes are dropped; both are counted. No call takes
longer than CALL_TIMEOUT, one call in PROBE_INTERVAL tries the server again, and the others return
at once. A command that the server rejects, such as a write when its memory is full, is lost as
well, but does not open the circuit.
"""

import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from core._redis.client import CONNECTION_ERRORS, get_redis

logger = logging.getLogger(__name__)

T = TypeVar("T")

PROBE_INTERVAL = 0.25  # seconds
WARNING_INTERVAL = 60.0  # seconds


@dataclass
class CircuitBreaker:
    """State of this process; `lost` counts `reads` and `writes` since its start."""

    lost: Counter[str] = field(default_factory=Counter)
    is_open: bool = False
    next_probe: float = 0.0
    next_warning: dict[str, float] = field(default_factory=dict)


breaker = CircuitBreaker()


def read_with_fallback(missing: T, command: Callable[[Redis], Awaitable[T]]) -> Awaitable[T]:
    """Return the result of a command, or `missing` while Redis is unreachable."""
    return _call(missing, command, "reads")


def write_with_fallback(dropped: T, command: Callable[[Redis], Awaitable[T]]) -> Awaitable[T]:
    """Return the result of a command, or `dropped` while Redis is unreachable."""
    return _call(dropped, command, "writes")


async def _call(instead: T, command: Callable[[Redis], Awaitable[T]], kind: str) -> T:
    if _is_allowed():
        redis = await get_redis()
        try:
            answer = await command(redis)
        except ResponseError as error:
            _record_success()
            _warn_of_refusal(kind, error)
        except CONNECTION_ERRORS as error:
            _record_failure(error)
        else:
            _record_success()
            return answer
    breaker.lost[kind] += 1
    return instead


def _is_allowed() -> bool:
    if not breaker.is_open:
        return True
    now = time.monotonic()
    if now < breaker.next_probe:
        return False
    breaker.next_probe = now + PROBE_INTERVAL  # concurrent calls do not probe as well
    return True


def _record_success() -> None:
    if breaker.is_open:
        breaker.is_open = False
        logger.info("Redis is reachable again")


def _record_failure(error: Exception) -> None:
    breaker.next_probe = time.monotonic() + PROBE_INTERVAL
    if not breaker.is_open:
        breaker.is_open = True
        cause = type(error.__cause__ or error).__name__
        logger.warning("Redis is unreachable (%s): reads miss, writes are dropped", cause)


def _warn_of_refusal(kind: str, error: ResponseError) -> None:
    now = time.monotonic()
    if now >= breaker.next_warning.get(kind, 0.0):
        breaker.next_warning[kind] = now + WARNING_INTERVAL
        logger.warning("Redis rejects %s, which are lost (%s)", kind, error)
