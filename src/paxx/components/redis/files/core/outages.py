"""The policy for outages: what asks Redis through this module goes on without it.

While the server is away, reads miss and writes are dropped, both counted; no call takes longer than
CALL_TIMEOUT, one call in PROBE_INTERVAL finds out whether the server is back, and the others
are answered at once. What the server answers but refuses, such as a write when it is full, is
lost as well, that call alone.
"""

import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from core.redis import get_redis

logger = logging.getLogger(__name__)

T = TypeVar("T")

PROBE_INTERVAL = 0.25  # seconds
REFUSALS_TOLD_EVERY = 60.0  # seconds

AWAY = (RedisError, OSError)  # asyncio's TimeoutError is an OSError


@dataclass
class Outages:
    """What the policy did in this process; `lost` counts `reads` and `writes` since its start."""

    lost: Counter[str] = field(default_factory=Counter)
    is_away: bool = False
    next_probe: float = 0.0
    next_told: dict[str, float] = field(default_factory=dict)


outages = Outages()


def read_or(missing: T, command: Callable[[Redis], Awaitable[T]]) -> Awaitable[T]:
    """Return what a command reads, or `missing` when the server is away."""
    return _answer_or(missing, command, "reads")


def write_or(dropped: T, command: Callable[[Redis], Awaitable[T]]) -> Awaitable[T]:
    """Return what a command answers, or `dropped` when the server is away."""
    return _answer_or(dropped, command, "writes")


async def _answer_or(instead: T, command: Callable[[Redis], Awaitable[T]], kind: str) -> T:
    if _may_ask():
        redis = await get_redis()
        try:
            answer = await command(redis)
        except ResponseError as error:
            _answered()
            _tell_refusal(kind, error)
        except AWAY as error:
            _went_away(error)
        else:
            _answered()
            return answer
    outages.lost[kind] += 1
    return instead


def _may_ask() -> bool:
    if not outages.is_away:
        return True
    now = time.monotonic()
    if now < outages.next_probe:
        return False
    outages.next_probe = now + PROBE_INTERVAL  # those who come now do not ask as well
    return True


def _answered() -> None:
    if outages.is_away:
        outages.is_away = False
        logger.info("Redis is back")


def _went_away(error: Exception) -> None:
    outages.next_probe = time.monotonic() + PROBE_INTERVAL
    if not outages.is_away:
        outages.is_away = True
        logger.warning("Redis is away (%s): reads miss, writes are dropped", type(error).__name__)


def _tell_refusal(kind: str, error: ResponseError) -> None:
    now = time.monotonic()
    if now >= outages.next_told.get(kind, 0.0):
        outages.next_told[kind] = now + REFUSALS_TOLD_EVERY
        logger.warning("Redis refuses %s, which are lost (%s)", kind, error)
