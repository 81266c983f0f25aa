"""Parameters of a test in two tiers: `nightly` ones run in the full depth alone."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import pytest
from _pytest.mark import ParameterSet

T = TypeVar("T")


def tiered(
    values: Iterable[T], *, is_default: Callable[[T], bool], identify: Callable[[T], str] = str
) -> list[ParameterSet]:
    """Return the values as parameters, all but the default ones marked `nightly`."""
    return [
        pytest.param(
            value, id=identify(value), marks=() if is_default(value) else pytest.mark.nightly
        )
        for value in values
    ]
