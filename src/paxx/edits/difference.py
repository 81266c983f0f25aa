"""Find where two texts differ, in time that hardly depends on how long they are."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """Outside of `start` to `old_end` and `start` to `new_end` the two are the same; in bytes."""

    start: int
    old_end: int
    new_end: int


def between(old: bytes, new: bytes) -> Difference:
    """Return the one place where two texts differ, which may hold several changes."""
    before, after, shorter = len(old), len(new), min(len(old), len(new))

    def begins(low: int, high: int) -> bool:
        return old[low:high] == new[low:high]

    def ends(low: int, high: int) -> bool:
        return old[before - high : before - low] == new[after - high : after - low]

    start = _longest(shorter, begins)
    same = _longest(shorter - start, ends)
    return Difference(start, before - same, after - same)


def _longest(limit: int, is_same: Callable[[int, int], bool]) -> int:
    """Return how far two texts are the same; what is tried grows less and less."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if is_same(low, middle):
            low = middle
        else:
            high = middle - 1
    return low
