"""The number of examples of a property in each tier, and the count of those that passed."""

from collections.abc import Generator
from functools import wraps
from typing import Any

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

_ALWAYS = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True, derandomize=True
)
settings.register_profile("quick", _ALWAYS, max_examples=10)
settings.register_profile("change", _ALWAYS, max_examples=100)
# Other examples each time; a failure prints what reproduces it, and becomes an `@example`.
settings.register_profile("nightly", _ALWAYS, max_examples=1000, derandomize=False)
settings.load_profile("change")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Record the number of examples for the summary of the run."""
    test: Any = getattr(item, "obj", None)
    if not is_hypothesis_test(test):
        return (yield)
    handle, passed = test.hypothesis, 0
    property_ = handle.inner_test

    @wraps(property_)
    def counted(*arguments: Any, **named: Any) -> None:
        nonlocal passed
        property_(*arguments, **named)
        passed += 1

    handle.inner_test = counted
    try:
        return (yield)
    finally:
        handle.inner_test = property_
        item.user_properties.append(("examples", passed))
